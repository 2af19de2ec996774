/** Code that comes in chunks of its own: the screens, and the parts that are shown whenever their screen is. */
import { type ComponentType, lazy } from "react";

// Any component's properties: those of the one that is loaded are what callers are held to.
// biome-ignore lint/suspicious/noExplicitAny: React's own type of `lazy` says the same
type Any = ComponentType<any>;
type Loaded<C extends Any> = { default: C };

export interface Fetched<C extends Any> {
  /** Asks for the code, once; settles when it is here or could not be had. */
  readonly ask: () => Promise<void>;
  readonly Component: ReturnType<typeof lazy<C>>;
}

/**
 * Code that can be asked for before it is drawn. What is here by then is drawn at once: after each wait that it has
 * shown React keeps the next part back for 300 ms, so a screen of parts within parts would stand late with all of its
 * code at hand. What failed to load is asked for again when it is drawn.
 */
export function fetched<C extends Any>(load: () => Promise<Loaded<C>>): Fetched<C> {
  let here: Loaded<C> | undefined;
  let asked: Promise<Loaded<C>> | undefined;
  const begin = () => {
    asked ??= load().then(
      (loaded) => {
        here = loaded;
        return loaded;
      },
      (failure: unknown) => {
        asked = undefined;
        throw failure;
      },
    );
    return asked;
  };
  return {
    ask: () =>
      begin().then(
        () => undefined,
        () => undefined,
      ),
    Component: lazy(() => (here === undefined ? begin() : atOnce(here))),
  };
}

/** A promise to React that is kept while it is made. */
function atOnce<T>(value: T): Promise<T> {
  // biome-ignore lint/suspicious/noThenProperty: React takes any object that can be waited for, and looks after the call
  return { then: (done: (value: T) => void) => done(value) } as unknown as Promise<T>;
}

const coming = new Set<Promise<void>>();

/** Settles when every part that anybody has asked for is here, with the parts that it asks for itself. */
export async function partsCome(): Promise<void> {
  while (coming.size > 0) await Promise.all(coming);
}

/**
 * A part whose code is asked for together with the screen's own and not when it is first drawn, so that nobody waits
 * for one after the other.
 */
export function part<C extends Any>(load: () => Promise<Loaded<C>>): Fetched<C>["Component"] {
  const { ask, Component } = fetched(load);
  const one = ask().finally(() => coming.delete(one));
  coming.add(one);
  return Component;
}
