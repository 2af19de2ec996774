/** Words, formats and choices of language, zone and scheme. */
export type { Formats, Moment, MoneyValue } from "./formats";
export { dateOf, evidenceTime } from "./formats";
export { LocaleProvider, useChoices, useFormats, useWords } from "./LocaleProvider";
export type { MessageKey, Say, Values } from "./messages";
export { LOCALES, messagesOf } from "./messages";
export { remembered } from "./remembered";
