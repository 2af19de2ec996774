/** Whether the session was found to be over, told by any answer of the server to whoever shows it. */
import { useSyncExternalStore } from "react";

let isOver = false;
const listeners = new Set<() => void>();

/** From now on the session is over; there is no way back but to sign in. */
export function tellSignedOut(): void {
  isOver = true;
  for (const listener of listeners) listener();
}

/** True once an answer said that the session is over. */
export function useSignedOut(): boolean {
  return useSyncExternalStore(listen, () => isOver);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The address of the sign-in form that leads back to a place of the console. */
export function signInAddress(place: string): string {
  return `/sign-in?next=${encodeURIComponent(`/console${place}`)}`;
}
