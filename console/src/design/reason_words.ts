/** What a reason code of the service means for whoever reads it, and what they can do. */
import { useWords } from "../i18n";

export interface ReasonWords {
  readonly what: string;
  readonly act: string;
}

/** Puts reason codes into words; undefined for a code that is newer than this page. */
export function useReasonWords(): (reason: string) => ReasonWords | undefined {
  const say = useWords();
  return (reason) => {
    const name = `reason.${reason.toLowerCase().replaceAll("_", "-")}`;
    const [what, act] = [`${name}.what`, `${name}.do`];
    return say.knows(what) && say.knows(act) ? { what: say(what), act: say(act) } : undefined;
  };
}
