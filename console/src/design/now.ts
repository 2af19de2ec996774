/** The present moment for relative times: one timer for the whole page. */
import { useSyncExternalStore } from "react";

const TICK = 15_000; // ms

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, TICK);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present moment, moving on every 15 seconds. */
export function useNow(): Date {
  return new Date(useSyncExternalStore(listen, () => now));
}
