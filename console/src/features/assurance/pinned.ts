/** The verifier key that somebody was given from elsewhere, kept in this browser for the log it belongs to. */
import { useState } from "react";
import { useMe } from "../../api/session";
import { whyUnreadable } from "../../verify/fault";
import { parseVkey } from "../../verify/note";

const PREFIX = "muniment.vkey.";

/** The key of the log of this session, empty while none was given, and how to keep another. */
export function usePinned(): readonly [string, (vkey: string) => void] {
  const name = PREFIX + useMe().log;
  const [pinned, setPinned] = useState(() => read(name));
  const keep = (vkey: string) => {
    setPinned(vkey);
    try {
      if (vkey.trim() === "") localStorage.removeItem(name);
      else if (faultOfVkey(vkey) === undefined) localStorage.setItem(name, vkey.trim());
    } catch {
      // A browser without storage keeps nothing; the field still has it.
    }
  };
  return [pinned, keep];
}

/** Why a text is no verifier key; undefined for one that is, and for none. */
export function faultOfVkey(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  try {
    parseVkey(text.trim());
    return undefined;
  } catch (error) {
    return whyUnreadable(error);
  }
}

function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
