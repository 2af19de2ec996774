/** What a 409 says about who or what was first. */
import { ProblemError } from "../../api/client";
import type { components } from "../../api/schema";

export type Conflict = components["schemas"]["ConflictValue"];

/** The conflict in an error; undefined where it is none, or says no more than the refusal. */
export function conflictOf(error: unknown): Conflict | undefined {
  if (!(error instanceof ProblemError) || error.status !== 409) return undefined;
  const { conflict } = error.problem;
  return typeof conflict === "object" && conflict !== null ? (conflict as Conflict) : undefined;
}

/** Whether a refusal means that what was stated is no longer so, and has to be stated anew. */
export function isOld(error: unknown): boolean {
  const reason = error instanceof ProblemError ? String(error.problem.reason) : "";
  return ["SHOWN_CHANGED", "STATEMENT_EXPIRED", "STATEMENT_USED", "STALE_REVISION", "WRONG_STATE"].includes(
    reason,
  );
}
