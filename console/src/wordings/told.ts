/**
 * What the service says in English, put together in the reader's language: each sentence comes with a code and its
 * arguments, and a language has words for each code. No React in here, and nothing of the frame: what the frame shares
 * with a chunk of its own leaves the chunk it was in, and the first screen gets larger.
 */
import type { components } from "../api/schema";

export type Wording = components["schemas"]["WordingValue"];
export type Words = Readonly<Record<string, string>>;

/** A piece of a sentence; `isEnglish` where it is told in English alone, `at` which character of it its first is. */
export interface Piece extends Spoken {
  readonly at: number;
}

interface Spoken {
  readonly text: string;
  readonly isEnglish: boolean;
}

export type Teller = (wording: Wording) => readonly Piece[] | undefined;

const ENGLISH = () => import("./en.json");
const LOADERS: Readonly<Record<string, () => Promise<{ default: Words }>>> = {
  de: () => import("./de.json"),
};

const NO_WORDS: Words = {};
const loaded = new Map<string, Promise<Words>>();

/** The words of a locale's language, loaded once; none where they cannot be had: whoever comes next asks again. */
export function wordsOf(locale: string): Promise<Words> {
  const [language = ""] = locale.split("-");
  const known = loaded.get(language);
  if (known !== undefined) return known;
  const asked = (LOADERS[language] ?? ENGLISH)().then(
    (file) => file.default,
    () => {
      loaded.delete(language);
      return NO_WORDS;
    },
  );
  loaded.set(language, asked);
  return asked;
}

/** The sentence of a wording in words of the locale's language; undefined where a code of it has none. */
export function told(wording: Wording, words: Words, locale: string): readonly Piece[] | undefined {
  try {
    return merged(pieces(wording, words, locale));
  } catch (failure) {
    if (failure instanceof NoWords) return undefined;
    throw failure;
  }
}

/** Puts wordings into the words of a locale's language. */
export async function teller(locale: string): Promise<Teller> {
  const words = await wordsOf(locale);
  return (wording) => told(wording, words, locale);
}

class NoWords extends Error {}

type Argument = Wording["arguments"][string];

function pieces(wording: Wording, words: Words, locale: string): readonly Spoken[] {
  const { code, arguments: named } = wording;
  if (code === "english") return [{ text: String(named.text), isEnglish: true }];
  if (code === "time.day") return [plain(dated(String(named.on), locale, DAY))];
  if (code === "value.date") return [plain(dated(String(named.on), locale, { ...DAY, year: "numeric" }))];
  if (code === "value.number") return [plain(numbered(String(named.number), locale))];
  const message = Object.hasOwn(words, code) ? words[code] : undefined;
  if (message === undefined) throw new NoWords(code);
  const of = (argument: Argument) =>
    typeof argument === "object" ? pieces(argument, words, locale) : [plain(String(argument))];
  if (code.startsWith("list."))
    return Object.values(named).flatMap((one, at) => [...(at === 0 ? [] : [plain(message)]), ...of(one)]);
  // Its messages have plain arguments alone, which is all of ICU that they need.
  const values = code === "time.moment" ? moment(String(named.local), locale) : named;
  return message.split(/\{(\w+)\}/).flatMap((part, at) => {
    if (at % 2 === 0) return [plain(part)];
    const one = values[part];
    if (one === undefined) throw new NoWords(`${code} ${part}`);
    return of(one);
  });
}

function plain(text: string): Spoken {
  return { text, isEnglish: false };
}

function merged(found: readonly Spoken[]): readonly Piece[] {
  const whole: Piece[] = [];
  for (const piece of found.filter(({ text }) => text !== "")) {
    const last = whole.at(-1);
    if (last?.isEnglish === piece.isEnglish)
      whole[whole.length - 1] = { ...last, text: last.text + piece.text };
    else whole.push({ ...piece, at: last === undefined ? 0 : last.at + last.text.length });
  }
  return whole;
}

/** A number in decimal digits, with the marks that the language has; no digit of it is lost. */
function numbered(digits: string, locale: string): string {
  const [whole = "", fraction] = digits.split(".");
  const format = new Intl.NumberFormat(locale, { useGrouping: true });
  const point = format.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
  const grouped = format.format(BigInt(whole));
  const sign = whole.startsWith("-") && !grouped.startsWith("-") ? "-" : "";
  return fraction === undefined ? grouped : `${sign}${grouped}${point}${fraction}`;
}

const DAY = { day: "numeric", month: "long" } as const;

/** A local time, `2026-12-29T15:00`, as it stands on the clock there: its weekday, its date, its time. */
function moment(local: string, locale: string): Readonly<Record<string, string>> {
  const [on = "", time = ""] = local.split("T");
  // One after the other: what stands between weekday and date is not the same in every version of the browsers' data.
  const weekday = dated(on, locale, { weekday: "long" });
  return { weekday, date: dated(on, locale, { ...DAY, year: "numeric" }), time };
}

function dated(on: string, locale: string, how: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale, { ...how, timeZone: "UTC" }).format(new Date(on));
}
