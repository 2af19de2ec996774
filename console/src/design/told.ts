/** The words of the reader's language for what the service says, loaded by whoever shows any of it. */
import { useEffect, useState } from "react";
import { useFormats } from "../i18n";
import type { Teller, Wording } from "../wordings/told";

/** What a sentence in English says in the reader's language; the sentence itself until the words are here. */
export type Told = (text: string, wording: Wording | null | undefined) => string;

const AS_IT_IS: Told = (text) => text;
const tellers = new Map<string, Promise<Teller>>();

/** The teller of a locale, asked for once. */
export function tellerOf(locale: string): Promise<Teller> {
  const known = tellers.get(locale);
  if (known !== undefined) return known;
  const asked = import("../wordings/told").then(
    (told) => told.teller(locale),
    () => () => undefined, // what could not be had leaves the sentence in English
  );
  tellers.set(locale, asked);
  return asked;
}

/** For where a sentence has to be plain text: in a drawing, and where two are compared. */
export function useTold(): Told {
  const { locale } = useFormats();
  const [told, setTold] = useState<{ readonly locale: string; readonly tell: Told } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void tellerOf(locale).then((teller) => {
      const tell: Told = (text, wording) =>
        (wording &&
          teller(wording)
            ?.map((piece) => piece.text)
            .join("")) ||
        text;
      if (isWanted) setTold({ locale, tell });
    });
    return () => {
      isWanted = false;
    };
  }, [locale]);
  return told?.locale === locale ? told.tell : AS_IT_IS;
}
