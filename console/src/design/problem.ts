/** What went wrong, in the server's own words: read from whatever a query or a write threw. */

import type { Wording } from "../wordings/told";

/** A refusal or failure as people see it. `reference` finds it in the log of the server, where it gave one. */
export interface Problem {
  readonly kind: "offline" | "forbidden" | "missing" | "refused" | "failed";
  readonly status: number;
  readonly reason: string;
  readonly detail: string;
  /** What the detail is made of, for other languages. */
  readonly wording?: Wording | undefined;
  readonly reference: string | undefined;
  /** Who can grant what is missing, where the server says. */
  readonly askFor: string | undefined;
  /** Seconds after which it may be tried again, where the server says. */
  readonly retryAfter?: number | undefined;
}

/** The problem in an error: a body as RFC 9457 has it, an error that carries one, or no answer at all. */
export function problemOf(error: unknown): Problem {
  const body = membersOf(error);
  const inner = membersOf(body.problem);
  const said = Object.keys(inner).length > 0 ? inner : body;
  const status = typeof said.status === "number" ? said.status : 0;
  // fetch rejects with a TypeError, and nothing else, when no answer came.
  const isOffline = status === 0 && error instanceof TypeError;
  return {
    kind: isOffline ? "offline" : kindOf(status),
    status,
    reason: textOf(said.reason) ?? (isOffline ? "OFFLINE" : "UNKNOWN"),
    wording: said.wording as Wording | undefined,
    detail: textOf(said.detail) ?? textOf(said.title) ?? (isOffline ? "" : (textOf(said.message) ?? "")),
    reference: textOf(said.reference),
    askFor: textOf(said.ask),
    retryAfter: secondsOf(said.retry_after),
  };
}

function kindOf(status: number): Problem["kind"] {
  if (status === 401 || status === 403) return "forbidden";
  if (status === 404 || status === 410) return "missing";
  return status >= 400 && status < 500 ? "refused" : "failed";
}

function membersOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return {};
  const message = value instanceof Error ? { message: value.message } : {};
  return { ...message, ...(value as Record<string, unknown>) };
}

/** A header tells seconds, or a date, which nobody has to be told of. */
function secondsOf(value: unknown): number | undefined {
  return typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
