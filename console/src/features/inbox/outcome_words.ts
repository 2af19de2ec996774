/** What came of a task, or may come of it, in words. */
import type { Say } from "../../i18n";
import type { Task } from "./tasks";
import { label } from "./value_text";

const OF_REVIEWS = {
  accept: "task.review.accept",
  correct: "task.review.correct",
  reject: "task.review.reject",
} as const;

/** The outcomes of a blueprint are in its own words, those of a review in ours. */
export function outcomeWords(say: Say, task: Pick<Task, "kind">, outcome: string): string {
  if (task.kind !== "review" || !(outcome in OF_REVIEWS)) return label(outcome);
  return say(OF_REVIEWS[outcome as keyof typeof OF_REVIEWS]);
}
