/** What paper says in the foot of every page: what it is of, by which hash it is known, and when it was printed. */
import { useEffect } from "react";
import { evidenceTime } from "../i18n";

const NAME = "--printed"; // as base.css has it, in the margin of a page

/**
 * Names the screen on paper, as long as it is shown; null while that is not known yet. A hash has a line of its own,
 * since it is broken wherever it has a hyphen.
 */
export function usePrinted(words: string | null): void {
  useEffect(() => {
    if (words === null) return undefined;
    const { style } = document.documentElement;
    const put = () => style.setProperty(NAME, textOfStyle(`${words}, ${evidenceTime(new Date())}`));
    put();
    window.addEventListener("beforeprint", put);
    return () => {
      window.removeEventListener("beforeprint", put);
      style.removeProperty(NAME);
    };
  }, [words]);
}

/** A text as style sheets write it: whatever it holds, it ends nowhere but at its end. */
export function textOfStyle(text: string): string {
  return `"${text.replace(/["\\\p{Cc}]/gu, (char) => `\\${char.codePointAt(0)?.toString(16) ?? ""} `)}"`;
}
