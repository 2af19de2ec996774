/**
 * What was typed and could not be saved, because the session ended or the line was lost. It waits in this tab alone,
 * for the person who typed it: whoever else signs in here finds nothing.
 */
import type { Draft } from "./draft_keeper";

const PREFIX = "muniment.unsaved.";

/** A draft and the version it goes on from. */
export interface Stowed {
  readonly draft: Draft;
  readonly version: number;
}

/** Puts a draft away; null forgets it. */
export function stow(person: string, task: string, what: Stowed | null): void {
  try {
    if (what === null) sessionStorage.removeItem(`${PREFIX}${person}.${task}`);
    else sessionStorage.setItem(`${PREFIX}${person}.${task}`, JSON.stringify(what));
  } catch {
    return; // a browser that keeps nothing
  }
}

/** What this person could not save; what others could not is forgotten. */
export function stowed(person: string, task: string): Stowed | null {
  try {
    const keys = Array.from({ length: sessionStorage.length }, (_, place) => sessionStorage.key(place) ?? "");
    for (const key of keys) {
      if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${person}.`)) sessionStorage.removeItem(key);
    }
    const said = JSON.parse(sessionStorage.getItem(`${PREFIX}${person}.${task}`) ?? "null");
    const draft = draftOf(said?.draft);
    return draft === null ? null : { draft, version: Number(said.version) };
  } catch {
    return null;
  }
}

/** A draft out of anything: what it does not hold, or holds wrongly, is empty. Null for what is no draft at all. */
export function draftOf(value: unknown): Draft | null {
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
