/** What was sent from a screen that was left before the answer came, and was not done: told to whoever shows the frame. */
import { useSyncExternalStore } from "react";

export interface Left {
  /** The title of the page it was sent from. */
  readonly from: string;
  readonly error: unknown;
}

let left: Left | null = null;
const listeners = new Set<() => void>();

/** The last of them; null once it was read. */
export function tellLeft(what: Left | null): void {
  left = what;
  for (const listener of listeners) listener();
}

/** What is still to be read. */
export function useLeft(): Left | null {
  return useSyncExternalStore(listen, () => left);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
