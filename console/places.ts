/**
 * What each screen is made of, in places.json beside the build: the server names these files in the page that it answers,
 * so that a browser asks for all of them at once and not for one after the other as each tells of the next.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin, Rolldown } from "vite";

const SCREEN = /^ {4}path: "([^"]*)",[^}]*?load: \(\) => import\("([^"]+)"\)/gms;
const PART = /\bpart\([^"]*?\bimport\("([^"]+)"\)/g;

/** Files of one screen besides those of the frame, by their names below the console's address. */
export interface PlaceFiles {
  readonly path: string;
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
}

/** Writes places.json, for the screens that the file at `registry` names. */
export function places(registry: string): Plugin {
  return {
    name: "muniment-places",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post", // chunks of nothing but styles are taken out before
      handler(_, bundle) {
        const read = (id: string) => readFileSync(id, "utf-8");
        const source = JSON.stringify(placeFiles(bundle, registry, read), null, 1);
        this.emitFile({ type: "asset", fileName: "places.json", source });
      },
    },
  };
}

/** The files of every screen, in the order of the registry. `read` gives the source of a module. */
export function placeFiles(
  bundle: Rolldown.OutputBundle,
  registry: string,
  read: (id: string) => string,
): readonly PlaceFiles[] {
  const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const byModule = new Map(chunks.map((chunk) => [bare(chunk.facadeModuleId ?? ""), chunk]));
  const at = (from: string, to: string) => {
    const found = byModule.get(resolve(dirname(from), to));
    if (found === undefined) throw new Error(`expected a chunk of ${to}, which ${from} imports`);
    return found;
  };
  const partsOf = (chunk: Rolldown.OutputChunk) =>
    chunk.moduleIds
      .filter((id) => id.includes("/src/") && /\.tsx?$/.test(id))
      .flatMap((id) => [...read(id).matchAll(PART)].map(([, to]) => at(id, to as string)));
  const whole = (from: readonly Rolldown.OutputChunk[], without: ReadonlySet<string>) => {
    const found = new Set<string>();
    const waiting = [...from];
    for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) {
      if (found.has(chunk.fileName) || without.has(chunk.fileName)) continue;
      found.add(chunk.fileName);
      waiting.push(...chunk.imports.flatMap((name) => byName.get(name) ?? []), ...partsOf(chunk));
    }
    return found;
  };
  const frame = whole(
    chunks.filter((chunk) => chunk.isEntry),
    new Set(),
  );
  const screens = [...read(registry).matchAll(SCREEN)] as unknown as [string, string, string][];
  if (screens.length === 0) throw new Error("expected screens in the registry, found none");
  return screens.map(([, path, to]) => {
    const scripts = [...whole([at(registry, to)], frame)].sort();
    const styles = scripts.flatMap((name) => [...(byName.get(name)?.viteMetadata?.importedCss ?? [])]);
    return { path, scripts, styles: [...new Set(styles)].sort() };
  });
}

function bare(id: string): string {
  return id.replace(/(\/index)?\.tsx?$/, "");
}
