/** How strong a proof is, in words: the verifier says it shortly, and in English. */
import { useFormats, useWords } from "../../i18n";

const WITNESSED = /^witnessed by (.+) up to size (\d+)$/;

/** The strength that a report states; one that is newer than this page is shown as it is told. */
export function StrengthText({ strength }: { strength: string }) {
  const say = useWords();
  const formats = useFormats();
  const [, names, size] = WITNESSED.exec(strength) ?? [];
  if (names !== undefined && size !== undefined)
    return say("whole.strength.witnessed-by", { names, size: formats.number(Number(size)) });
  const key = `whole.strength.${strength.replaceAll(" ", "-")}`;
  return say.knows(key) ? say(key) : <span lang="en">{strength}</span>;
}
