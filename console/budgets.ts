/**
 * What a person may be made to load, held by the build: it fails when a budget is passed and prints what stands beside it.
 * Sizes are those of gzip at its best, in bytes, as the server sends them. Source of the figures: ../docs/reference/console.md.
 */
import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

export const BUDGETS = {
  /** Scripts before the first screen works: the entry, what it imports, and the same of the screen. */
  firstRoute: 200_000,
  /** The chunk of any screen alone. */
  route: 40_000,
  /** Style sheets before the first screen stands: those of all that its scripts are. */
  styles: 20_000,
  /** The font of a page in Latin letters. */
  latinFont: 60_000,
} as const;

type Budget = keyof typeof BUDGETS;

export interface Measured {
  readonly budget: Budget;
  readonly what: string;
  readonly bytes: number;
}

type Sizes = ReadonlyMap<string, number>;

/** Checks a build against the budgets; errors name each that is passed. */
export function budgets(): Plugin {
  return {
    name: "muniment-budgets",
    apply: "build",
    generateBundle(_, bundle) {
      const measured = measure(bundle);
      for (const one of largest(measured))
        this.info(
          `${one.budget}: ${kilobytes(one.bytes)} of ${kilobytes(BUDGETS[one.budget])} kB (${one.what})`,
        );
      const passed = measured.filter((one) => one.bytes > BUDGETS[one.budget]);
      if (passed.length > 0)
        this.error(
          passed
            .map(
              (one) =>
                `${one.what} has ${kilobytes(one.bytes)} kB, ${one.budget} allows ${kilobytes(BUDGETS[one.budget])}`,
            )
            .join("\n"),
        );
    },
  };
}

/** Everything that has a budget, with its size. */
export function measure(bundle: Rolldown.OutputBundle): readonly Measured[] {
  const files = Object.values(bundle);
  const chunks = files.filter((file) => file.type === "chunk");
  const sizes: Sizes = new Map(files.map((file) => [file.fileName, sizeOf(file)]));
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const entry = chunks.find((chunk) => chunk.isEntry);
  const frame = closure([entry], byName);
  const placed = new Set([...frame].flatMap((name) => byName.get(name)?.dynamicImports ?? []));
  const screens = chunks.filter((chunk) => placed.has(chunk.fileName) && isScreen(chunk));
  if (screens.length === 0) throw new Error("expected screens that the frame places, found none");
  const measured: Measured[] = screens.flatMap((screen) => [
    { budget: "route", what: screen.fileName, bytes: sizes.get(screen.fileName) ?? 0 },
    { budget: "firstRoute", what: screen.fileName, bytes: total(closure([entry, screen], byName), sizes) },
    {
      budget: "styles",
      what: screen.fileName,
      bytes: total(stylesOf(closure([entry, screen], byName), byName), sizes),
    },
  ]);
  const font = files.find((file) => /inter-latin-wght.*\.woff2$/.test(file.fileName));
  if (font !== undefined)
    measured.push({ budget: "latinFont", what: font.fileName, bytes: raw(font).length });
  return measured;
}

/** The names of some chunks and of all that they import before they can run. */
function closure(
  from: readonly (Rolldown.OutputChunk | undefined)[],
  byName: ReadonlyMap<string, Rolldown.OutputChunk>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = from.flatMap((chunk) => (chunk === undefined ? [] : [chunk.fileName]));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...(byName.get(name)?.imports ?? []));
  }
  return found;
}

/** The style sheets that come with some chunks. */
function stylesOf(
  names: ReadonlySet<string>,
  byName: ReadonlyMap<string, Rolldown.OutputChunk>,
): ReadonlySet<string> {
  return new Set([...names].flatMap((name) => [...(byName.get(name)?.viteMetadata?.importedCss ?? [])]));
}

function isScreen(chunk: Rolldown.OutputChunk): boolean {
  return chunk.facadeModuleId?.includes("/src/features/") ?? false;
}

function total(names: ReadonlySet<string>, sizes: Sizes): number {
  return [...names].reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
}

function sizeOf(file: Rolldown.OutputChunk | Rolldown.OutputAsset): number {
  return gzipSync(raw(file), { level: 9 }).length;
}

function raw(file: Rolldown.OutputChunk | Rolldown.OutputAsset): Uint8Array {
  const text = file.type === "chunk" ? file.code : file.source;
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** The largest of each budget. */
function largest(measured: readonly Measured[]): readonly Measured[] {
  const most = new Map<Budget, Measured>();
  for (const one of measured) if (one.bytes > (most.get(one.budget)?.bytes ?? -1)) most.set(one.budget, one);
  return [...most.values()];
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}
