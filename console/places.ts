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
  // What a chunk imports comes before it and its parts come after, styles too: later ones count for more.
  const gather = (chunk: Rolldown.OutputChunk, seen: Set<string>, styles: Set<string>) => {
    if (seen.has(chunk.fileName)) return;
    seen.add(chunk.fileName);
    for (const name of chunk.imports) {
      const imported = byName.get(name);
      if (imported !== undefined) gather(imported, seen, styles);
    }
    for (const style of chunk.viteMetadata?.importedCss ?? []) styles.add(style);
    for (const part of partsOf(chunk)) gather(part, seen, styles);
  };
  const frame = new Set<string>();
  const frameStyles = new Set<string>();
  for (const chunk of chunks) if (chunk.isEntry) gather(chunk, frame, frameStyles);
  const screens = [...read(registry).matchAll(SCREEN)] as unknown as [string, string, string][];
  if (screens.length === 0) throw new Error("expected screens in the registry, found none");
  return screens.map(([, path, to]) => {
    const [seen, styles] = [new Set(frame), new Set(frameStyles)];
    gather(at(registry, to), seen, styles);
    return { path, scripts: [...seen].slice(frame.size), styles: [...styles].slice(frameStyles.size) };
  });
}

function bare(id: string): string {
  return id.replace(/(\/index)?\.tsx?$/, "");
}
