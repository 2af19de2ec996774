/** What a person chose for this browser: language, time zone, colour scheme. Nothing else is kept here. */
import { LANGUAGES, type Language, languageOf } from "./messages";

export type Scheme = "system" | "light" | "dark";

export interface Choices {
  readonly language: Language;
  readonly zone: string;
  readonly scheme: Scheme;
}

const KEY = "muniment.choices";
const SCHEMES: readonly Scheme[] = ["system", "light", "dark"];

/** What is remembered; whatever is missing, unknown or damaged is as the browser has it. */
export function remembered(
  storage: Pick<Storage, "getItem"> = localStorage,
  preferred: readonly string[] = navigator.languages,
): Choices {
  const kept = parsed(storage);
  return {
    language: LANGUAGES.find((language) => language === kept.language) ?? languageOf(preferred),
    zone: isZone(kept.zone) ? kept.zone : Intl.DateTimeFormat().resolvedOptions().timeZone,
    scheme: SCHEMES.find((scheme) => scheme === kept.scheme) ?? "system",
  };
}

/** Keeps the choices. A browser that forbids it forgets them at the next visit, and nothing else fails. */
export function remember(choices: Choices, storage: Pick<Storage, "setItem"> = localStorage): void {
  try {
    storage.setItem(KEY, JSON.stringify(choices));
  } catch {
    return;
  }
}

/** Marks the document with the chosen scheme; `system` leaves it to the media query. */
export function applyScheme(scheme: Scheme, root: HTMLElement = document.documentElement): void {
  if (scheme === "system") root.removeAttribute("data-scheme");
  else root.setAttribute("data-scheme", scheme);
}

function parsed(storage: Pick<Storage, "getItem">): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function isZone(zone: unknown): zone is string {
  if (typeof zone !== "string" || zone === "") return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
