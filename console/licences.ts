/** Licences of what the console is built from: read from the lock and the installed packages, at build time. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** One package that is in the console, or that what is in it was made with. */
export interface LicencedPackage {
  readonly name: string;
  readonly version: string;
  /** By its SPDX identifier, as the package states it. */
  readonly licence: string;
  /** The name of the file with the licence text; null where the package has none. */
  readonly file: string | null;
  /** Place of that text in `texts`; packages with the very same text share one. */
  readonly text: number | null;
}

export interface Licences {
  readonly packages: readonly LicencedPackage[];
  readonly texts: readonly string[];
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

const NAME = "virtual:licences";
const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const TEXT = /^(licen[cs]e|copying)/i;
const TYPES_ALONE = /^(@types\/|csstype$)/; // nothing of them is in what is served

/** What the lock in `folder` says is built in, by name. A package that states no licence is an error. */
export function licencesOf(folder: string = FOLDER): Licences {
  const lock: { packages: Record<string, Locked> } = JSON.parse(
    readFileSync(join(folder, "package-lock.json"), "utf-8"),
  );
  const texts: string[] = [];
  const packages = Object.entries(lock.packages)
    .map(([path, locked]) => ({ path, name: path.replace(/^.*node_modules\//, ""), locked }))
    .filter(({ path, name, locked }) => path !== "" && !locked.dev && !TYPES_ALONE.test(name))
    .map(({ path, name, locked }): LicencedPackage => {
      if (locked.license === undefined || locked.version === undefined)
        throw new Error(`expected ${name} to state its version and licence in the lock`);
      const file = readdirSync(join(folder, path)).find((one) => TEXT.test(one)) ?? null;
      const text =
        file === null ? null : place(texts, readFileSync(join(folder, path, file), "utf-8").trim());
      return { name, version: locked.version, licence: locked.license, file, text };
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return { packages, texts };
}

/** Lets the console import what `licencesOf` found. */
export function licences(): Plugin {
  return {
    name: "muniment-licences",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) =>
      id === `\0${NAME}`
        ? `export default JSON.parse(${JSON.stringify(JSON.stringify(licencesOf()))})`
        : undefined,
  };
}

function place(texts: string[], text: string): number {
  const known = texts.indexOf(text);
  return known === -1 ? texts.push(text) - 1 : known;
}
