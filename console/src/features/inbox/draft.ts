/** What somebody types for a task. */
import type { DraftInHand, Keeps } from "../../api/drafts";

/** As it was typed, valid or not. */
export interface Draft {
  readonly outcome: string | null;
  readonly reason: string;
  readonly reason_code: string | null;
  /** Fields of a form as typed, by path. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Of what was on screen when it was begun. */
  readonly shown_digest: string;
}

export type TaskDraft = DraftInHand<Draft>;

/** The draft of a task. */
export function draftOfTask(id: string): Keeps<Draft> {
  return { at: "/v1/tasks/{id}/draft", id, read: draftOf };
}

/** Whether nothing is typed. */
export function isEmpty({ reason, outcome, data }: Draft): boolean {
  return reason === "" && outcome === null && Object.keys(data).length === 0;
}

/** A draft in short. */
export function inShort({ outcome, reason }: Draft): string {
  return [outcome, reason].filter((part) => part !== null && part !== "").join(": ");
}

function draftOf(value: unknown): Draft | null {
  if (typeof value !== "object" || value === null) return null;
  const said = value as Record<string, unknown>;
  const text = (name: string) => (typeof said[name] === "string" ? said[name] : "");
  const data = said.data;
  return {
    outcome: text("outcome") || null,
    reason: text("reason"),
    reason_code: text("reason_code") || null,
    data: typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {},
    shown_digest: text("shown_digest"),
  };
}
