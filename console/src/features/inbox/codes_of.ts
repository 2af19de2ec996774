/** From which list the reason for an outcome is taken. */
import type { Task } from "./tasks";

/** That of the outcome; while none is chosen that of the whole decision. Null where there is none. */
export function codesOf(task: Task, outcome: string | null): Task["reason_codes"] {
  const chosen = task.choices.find((choice) => choice.outcome === outcome);
  return chosen === undefined ? task.reason_codes : chosen.reason_codes;
}
