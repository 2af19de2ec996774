/** The words of a language as one text that is read at once: sooner than a script that names two thousand properties. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const WORDS = /\/src\/i18n\/[a-z]+\/index\.ts$/;

/** Turns the index of a language's files into what it comes to. */
export function words(): Plugin {
  return {
    name: "muniment-words",
    apply: "build",
    enforce: "pre",
    load(id) {
      if (!WORDS.test(id)) return undefined;
      const folder = dirname(id);
      const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
      for (const name of files) this.addWatchFile(join(folder, name));
      const merged = Object.assign(
        {},
        ...files.map((name) => JSON.parse(readFileSync(join(folder, name), "utf-8"))),
      );
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(merged))});`;
    },
  };
}
