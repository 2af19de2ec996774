/** The words of the reader's language for what the service says, loaded by whoever shows any of it. */
import { useEffect, useState } from "react";
import { useFormats } from "../i18n";
import type { Teller, Wording } from "../wordings/told";

/** What a sentence in English says in the reader's language; the sentence itself until the words are here. */
export type Told = (text: string, wording: Wording | null | undefined) => string;

const AS_IT_IS: Told = (text) => text;
const tellers = new Map<string, Promise<Teller>>();
const here = new Map<string, Teller>();

/** The teller of a locale, asked for once. */
export function tellerOf(locale: string): Promise<Teller> {
  const known = tellers.get(locale);
  if (known !== undefined) return known;
  const asked = import("../wordings/told")
    .then(
      (told) => told.teller(locale),
      (): Teller => () => undefined, // what could not be had leaves the sentence in English
    )
    .then((teller) => {
      here.set(locale, teller);
      return teller;
    });
  tellers.set(locale, asked);
  return asked;
}

/** The same, where it has come: nothing is shown in between. */
export function tellerHere(locale: string): Teller | undefined {
  return here.get(locale);
}

/** Whether a sentence of the service is to be put in other words for a reader of this locale. */
export function isTold(locale: string): boolean {
  return !locale.startsWith("en");
}

/** What the screens of a locale wait for before they are shown: its readers see no sentence in English first. */
export function wordsFirst(locale: string): Promise<unknown> {
  return isTold(locale) ? tellerOf(locale) : Promise.resolve();
}

function tellBy(teller: Teller): Told {
  return (text, wording) =>
    (wording &&
      teller(wording)
        ?.map((piece) => piece.text)
        .join("")) ||
    text;
}

/** For where a sentence has to be plain text: in a drawing, and where two are compared. */
export function useTold(): Told {
  const { locale } = useFormats();
  const [told, setTold] = useState<{ readonly locale: string; readonly tell: Told } | null>(() => {
    const teller = tellerHere(locale);
    return teller === undefined ? null : { locale, tell: tellBy(teller) };
  });
  useEffect(() => {
    let isWanted = true;
    void tellerOf(locale).then((teller) => {
      if (isWanted)
        setTold((before) => (before?.locale === locale ? before : { locale, tell: tellBy(teller) }));
    });
    return () => {
      isWanted = false;
    };
  }, [locale]);
  return told?.locale === locale ? told.tell : AS_IT_IS;
}
