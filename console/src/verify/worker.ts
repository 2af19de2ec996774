/** The worker in which a pack is verified: one file in, progress and one outcome out. */
import { FileSource } from "./source";
import type { Outcome, Trust } from "./told";
import { verify } from "./verdicts";

/** What the page sends. */
export interface Asked {
  readonly file: Blob;
  readonly trust: Trust;
}

/** What comes back. */
export type Answered = { readonly progress: number } | { readonly outcome: Outcome };

const STEP = 0.01; // a hundredth: more messages than that slow the work they tell of

const answer = (message: Answered) => {
  self.postMessage(message);
};

self.addEventListener("message", (event: MessageEvent<Asked>) => {
  let told = 0;
  const outcome = verify(new FileSource(event.data.file), event.data.trust, (done) => {
    if (done - told < STEP) return;
    told = done;
    answer({ progress: done });
  });
  answer({ outcome });
});
