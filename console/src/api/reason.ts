/** How long a reason may be. What is too long is counted and said before anything is sent. */
import { lengthOf } from "../design/components/Field";

export const REASON_MAX = 2_000; // characters, as the interface takes them

/** Whether the interface takes so much. */
export function isReason(text: string): boolean {
  return lengthOf(text) <= REASON_MAX;
}
