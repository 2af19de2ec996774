/** Verification as a page asks for it: in a worker, with progress and cancel. Nothing is sent anywhere. */
import type { OnProgress, Outcome, Trust } from "./told";
import type { Answered, Asked } from "./worker";

export * from "./told";

/** Makes the worker; the one-file page brings its own. */
export type StartWorker = () => Worker;

/** The console's own worker. One started early needs no network when a file is dropped. */
export const startModule: StartWorker = () =>
  new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

/**
 * Verify a file that somebody dropped. Rejects with an `AbortError` when `signal` says so, and with the error of the
 * worker when the file cannot be read at all (it was moved or changed while it was read).
 */
export function verifyPack(
  file: Blob,
  trust: Trust,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Outcome> {
  return verifyWith(startModule, { file, trust }, onProgress, signal);
}

/** `verifyPack` in a worker that is made otherwise. */
export function verifyWith(
  start: StartWorker,
  asked: Asked,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Outcome> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const worker = start();
  return new Promise<Outcome>((resolve, reject) => {
    const end = () => {
      worker.terminate();
      signal.removeEventListener("abort", abort);
    };
    const abort = () => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort);
    worker.addEventListener("error", (event) => {
      end();
      reject(new Error(event.message || "the verifier could not be started"));
    });
    worker.addEventListener("message", (event: MessageEvent<Answered>) => {
      if ("progress" in event.data) onProgress(event.data.progress);
      else {
        end();
        resolve(event.data.outcome);
      }
    });
    worker.postMessage(asked);
  });
}
