/** Parts of screens that stand in chunks of their own and are shown whenever the screen is. */
import { type ComponentType, lazy } from "react";

// Any component's properties: those of the one that is loaded are what callers are held to.
// biome-ignore lint/suspicious/noExplicitAny: React's own type of `lazy` says the same
type Loaded<C extends ComponentType<any>> = { default: C };

/**
 * A part whose code is asked for together with the screen's own and not when it is first drawn, so that nobody waits
 * for one after the other. What fails to load now is asked for again when it is drawn.
 */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function part<C extends ComponentType<any>>(load: () => Promise<Loaded<C>>) {
  let asked: Promise<Loaded<C>> | undefined = load();
  asked.catch(() => {
    asked = undefined;
  });
  return lazy(() => asked ?? load());
}
