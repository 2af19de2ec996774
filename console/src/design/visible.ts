/**
 * Text from outside as it may be shown: what hides in it is written out, so that nobody decides on a text that is not what
 * it seems. Controls, private and unassigned code points, line separators, soft hyphens and marks that turn the reading
 * direction stand as their code point, `[U+202E]`; joiners stay, since they are part of words in several scripts.
 */
import type { ReactNode } from "react";

const HIDDEN =
  /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u{ad}\u{61c}\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu;
const KEPT = new Set(["\n", "\t"]);
const PLAIN = /^[ -~]*$/;

/** The text with its hidden characters written out; most texts have none and come back as they are. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(HIDDEN, (char) => (KEPT.has(char) ? char : `[U+${codePoint(char)}]`));
}

/** The same for whatever a component is given to show: a text is made visible, anything else was made by one of ours. */
export function seen(node: ReactNode): ReactNode {
  return typeof node === "string" ? visible(node) : node;
}

function codePoint(char: string): string {
  return (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
