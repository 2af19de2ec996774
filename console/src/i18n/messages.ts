/** Messages in ICU form: which languages there are, and how one message is put into words. No React in here. */
import IntlMessageFormat from "intl-messageformat";
import type english from "./en";

/** The key of a message, `area.thing`: exactly the keys of English. */
export type MessageKey = keyof typeof english;
export type Messages = Record<MessageKey, string>;
/** What a message may be given: its ICU arguments by name. */
export type Values = Readonly<Record<string, string | number | boolean | Date>>;
export interface Say {
  (key: MessageKey, values?: Values): string;
  /** Whether there is a message of this name; for names that the server makes, such as those of reasons. */
  knows(key: string): key is MessageKey;
}

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What a language calls itself; never translated. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch" };

/** The locale whose dates and numbers go with a language. */
export const LOCALES: Readonly<Record<Language, string>> = { en: "en-GB", de: "de-DE" };

const LOADERS: Readonly<Record<Language, () => Promise<{ default: Messages }>>> = {
  en: () => import("./en"),
  de: () => import("./de"),
};

const HAS_SYNTAX = /[{}'#<]/;

const loaded = new Map<Language, Promise<Messages>>();

/** The messages of a language, loaded once, when first asked for; a load that failed is tried by whoever asks next. */
export function messagesOf(language: Language): Promise<Messages> {
  const known = loaded.get(language);
  if (known !== undefined) return known;
  const asked = LOADERS[language]().then((file) => file.default);
  loaded.set(language, asked);
  asked.catch(() => loaded.delete(language));
  return asked;
}

/** The first language of a person's list that we have; English where there is none. */
export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split("-")[0] === language);
    if (found !== undefined) return found;
  }
  return "en";
}

/** Puts messages of one language into words; each is parsed once. A value that is missing is an error. */
export function sayer(messages: Messages, locale: string): Say {
  const parsed = new Map<MessageKey, IntlMessageFormat>();
  const say = (key: MessageKey, values?: Values): string => {
    const text = messages[key];
    // Four messages of five are one text. Reading those too is what a screen would wait for.
    if (!HAS_SYNTAX.test(text)) return text;
    let message = parsed.get(key);
    if (message === undefined) {
      message = new IntlMessageFormat(text, locale, undefined, { ignoreTag: true });
      parsed.set(key, message);
    }
    return String(message.format(values));
  };
  return Object.assign(say, { knows: (key: string): key is MessageKey => Object.hasOwn(messages, key) });
}
