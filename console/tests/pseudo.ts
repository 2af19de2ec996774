/** English made strange: letters with marks, a third longer, in brackets, so that words outside the files stand out. */

const MARKED: Readonly<Record<string, string>> = {
  a: "á",
  e: "é",
  i: "í",
  o: "ó",
  u: "ú",
  c: "ç",
  n: "ñ",
  s: "š",
  A: "Á",
  E: "É",
  I: "Í",
  O: "Ó",
  U: "Ú",
};

/** The message in pseudo-language; what stands in braces is left as it is. */
export function pseudo(message: string): string {
  let depth = 0;
  let made = "";
  for (const letter of message) {
    if (letter === "{") depth += 1;
    made += depth === 0 ? (MARKED[letter] ?? letter) : letter;
    if (letter === "}") depth -= 1;
  }
  return `[${made} ${"~".repeat(Math.ceil(message.length / 3))}]`;
}
