/** What somebody types for a review, and for a change that they write. */
import type { Keeps } from "../../api/drafts";

export type Verdict = "approve" | "request changes" | "refuse";

export interface ReviewDraft {
  readonly verdict: Verdict | null;
  readonly reason: string;
}

const VERDICTS: readonly Verdict[] = ["approve", "request changes", "refuse"];

/** The draft of a review. */
export function draftOfReview(id: string): Keeps<ReviewDraft> {
  return { at: "/v1/change-requests/{id}/draft", id, read: reviewOf };
}

/** A change as it is written. */
export interface Written {
  readonly kind: string;
  readonly title: string;
  readonly reason: string;
  readonly source: string;
  /** What it was begun on: the version in force, or the revision of the request; null where that is asked later. */
  readonly against: number | null;
}

/** The draft of a change that is written: `new`, `next.NAME`, or the id of one that gets another text. */
export function draftOfWriting(id: string): Keeps<Written> {
  return { at: "/v1/change-drafts/{id}", id, read: writtenOf };
}

/** Whether two texts of a change are the same to whoever reads them. */
export function isSameText(one: Written, other: Written): boolean {
  return (["kind", "title", "reason", "source"] as const).every((name) => one[name] === other[name]);
}

function reviewOf(value: unknown): ReviewDraft | null {
  if (typeof value !== "object" || value === null) return null;
  const said = value as Record<string, unknown>;
  return {
    verdict: VERDICTS.find((one) => one === said.verdict) ?? null,
    reason: textOf(said.reason),
  };
}

function writtenOf(value: unknown): Written | null {
  if (typeof value !== "object" || value === null) return null;
  const said = value as Record<string, unknown>;
  return {
    kind: textOf(said.kind) || "blueprint",
    title: textOf(said.title),
    reason: textOf(said.reason),
    source: textOf(said.source),
    against: typeof said.against === "number" ? said.against : null,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
