/** What is wrong in a step, and where in it, in words: what the service knows by short names. */
import { useWords } from "../../i18n";

const HTTP = /^HTTP_(\d{3})$/;
const OF_SOMETHING = /^(with|when) (.+)$/;

/** Puts the code of an incident into a sentence; undefined for one that a worker made up, or that is newer. */
export function useCodeWords(): (code: string) => string | undefined {
  const say = useWords();
  return (code) => {
    const status = HTTP.exec(code)?.[1];
    if (status !== undefined) return say("incidents.code.http", { status });
    const key = `incidents.code.${slugOf(code)}`;
    return say.knows(key) ? say(key) : undefined;
  };
}

/** Puts the place in a step where something went wrong into words; undefined for one that is newer than this page. */
export function usePlaceWords(): (place: string) => string | undefined {
  const say = useWords();
  return (place) => {
    const [, what, name] = OF_SOMETHING.exec(place) ?? [];
    if (name !== undefined)
      return say(what === "with" ? "incidents.place.with" : "incidents.place.when", { name });
    const key = `incidents.place.${slugOf(place)}`;
    return say.knows(key) ? say(key) : undefined;
  };
}

function slugOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
