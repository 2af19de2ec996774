import type { Rolldown } from "vite";
import { describe, expect, it } from "vitest";
import { placeFiles } from "../places";

const REGISTRY = `
export const SCREENS: readonly Screen[] = [
  {
    path: "inbox",
    title: "inbox.title",
    load: () => import("../features/inbox/Inbox"),
    nav: { area: "work", icon: "inbox" },
    needs: [],
  },
  {
    path: "keys",
    title: "keys.title",
    load: () => import("../features/keys/Keys"),
    needs: [],
  },
];
`;
const SOURCES: Readonly<Record<string, string>> = {
  "/c/src/shell/screens.ts": REGISTRY,
  "/c/src/features/inbox/Inbox.tsx":
    'const Pane = part(() => import("./Pane"));\nconst Late = lazy(() => import("./Late"));',
  "/c/src/features/inbox/Pane.tsx":
    'const Filters = part(async () => ({ default: (await import("../both/Filters")).Filters }));',
};

function chunk(name: string, module: string, imports: readonly string[], styles: readonly string[] = []) {
  const made = {
    type: "chunk",
    fileName: name,
    facadeModuleId: module,
    moduleIds: [module],
    imports,
    isEntry: name === "entry.js",
    viteMetadata: { importedCss: new Set(styles) },
  };
  return [name, made as unknown as Rolldown.OutputChunk] as const;
}

const BUNDLE: Rolldown.OutputBundle = Object.fromEntries([
  chunk("entry.js", "/c/src/main.tsx", ["frame.js"], ["frame.css"]),
  chunk("frame.js", "/c/src/shell/Shell.tsx", []),
  chunk("Inbox.js", "/c/src/features/inbox/Inbox.tsx", ["frame.js", "table.js"], ["inbox.css"]),
  chunk("table.js", "/c/src/design/Table.tsx", ["frame.js"], ["table.css"]),
  chunk("Pane.js", "/c/src/features/inbox/Pane.tsx", ["table.js"]),
  chunk("Late.js", "/c/src/features/inbox/Late.tsx", ["table.js"]),
  chunk("Filters.js", "/c/src/features/both/Filters.tsx", ["frame.js"]),
  chunk("Keys.js", "/c/src/features/keys/Keys.tsx", ["frame.js"]),
]);

describe("what each screen is made of", () => {
  const read = (id: string) => SOURCES[id] ?? "";

  it("is its chunk, what that imports, and its parts with theirs; neither the frame nor what comes late", () => {
    expect(placeFiles(BUNDLE, "/c/src/shell/screens.ts", read)).toEqual([
      {
        path: "inbox",
        scripts: ["Inbox.js", "table.js", "Pane.js", "Filters.js"],
        styles: ["table.css", "inbox.css"], // what a screen says of a table counts for more
      },
      { path: "keys", scripts: ["Keys.js"], styles: [] },
    ]);
  });

  it("is an error where the registry cannot be read, or names what was not built", () => {
    expect(() => placeFiles(BUNDLE, "/c/src/shell/none.ts", read)).toThrow("expected screens");
    const { "Keys.js": _, ...others } = BUNDLE;
    expect(() => placeFiles(others, "/c/src/shell/screens.ts", read)).toThrow("features/keys/Keys");
  });
});
