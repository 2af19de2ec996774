/** Hashes and other long names, shortened in the middle. */

const ELLIPSIS = "\u2026";

/** The first `head` and the last `tail` characters; whole where that would save nothing. */
export function shortened(value: string, head = 8, tail = 4): string {
  const letters = [...value];
  if (letters.length <= head + tail + 1) return value;
  return `${letters.slice(0, head).join("")}${ELLIPSIS}${letters.slice(-tail).join("")}`;
}
