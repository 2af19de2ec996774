/** Leaves out the words of React Aria in languages that the console does not speak. */
import type { Plugin } from "vite";

// en-US is what React Aria falls back to: without it, whole components do not render.
const KEPT: ReadonlySet<string> = new Set(["en-US", "de-DE"]);
const WORDS =
  /[\\/](?:react-aria|react-stately|react-aria-components)[\\/]dist[\\/]private[\\/].*[\\/]([a-z]{2}-[A-Z]{2})\.m?js$/;

/** A plugin that loads an empty file in the place of each other language. */
export function onlyOurLocales(): Plugin {
  return {
    name: "only-our-locales",
    enforce: "pre",
    load(id) {
      const locale = WORDS.exec(id.split("?")[0] ?? "")?.[1];
      return locale === undefined || KEPT.has(locale) ? null : "export default {};";
    },
  };
}
