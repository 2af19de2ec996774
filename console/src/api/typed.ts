/** What somebody types in passing, such as a reason or a comment: it has no draft, and is not lost with a dialog or a session. */
import { useState } from "react";
import { useMe } from "./session";
import { stow, stowed } from "./stowed";

/** A text and how it changes. It waits in this tab, for this person, until it is empty again: whoever sends it empties it. */
export function useTyped(place: string): readonly [string, (text: string) => void] {
  const person = String(useMe().actor.id);
  const [text, setText] = useState(() => {
    const waiting = stowed(person, place)?.draft;
    return typeof waiting === "string" ? waiting : "";
  });
  const type = (next: string) => {
    setText(next);
    stow(person, place, next === "" ? null : { draft: next, version: 0 });
  };
  return [text, type];
}
