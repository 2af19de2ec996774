/**
 * What was typed and could not be saved, because the session ended or the line was lost. It waits in this tab alone,
 * for the person who typed it: whoever else signs in here finds nothing.
 */

const PREFIX = "muniment.unsaved.";

/** What was typed, as it was put away, and the version it goes on from. */
export interface Stowed {
  readonly draft: unknown;
  readonly version: number;
}

/** Puts a draft away; null forgets it. */
export function stow(person: string, place: string, what: Stowed | null): void {
  try {
    if (what === null) sessionStorage.removeItem(`${PREFIX}${person}.${place}`);
    else sessionStorage.setItem(`${PREFIX}${person}.${place}`, JSON.stringify(what));
  } catch {
    return; // a browser that keeps nothing
  }
}

/** What this person could not save; what others could not is forgotten. */
export function stowed(person: string, place: string): Stowed | null {
  try {
    const keys = Array.from({ length: sessionStorage.length }, (_, place) => sessionStorage.key(place) ?? "");
    for (const key of keys) {
      if (key.startsWith(PREFIX) && !key.startsWith(`${PREFIX}${person}.`)) sessionStorage.removeItem(key);
    }
    const said = JSON.parse(sessionStorage.getItem(`${PREFIX}${person}.${place}`) ?? "null");
    return said === null ? null : { draft: said.draft, version: Number(said.version) };
  } catch {
    return null;
  }
}
