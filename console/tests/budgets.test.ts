import type { Rolldown } from "vite";
import { describe, expect, it } from "vitest";
import { budgets, measure } from "../budgets";

/** Text that gzip cannot shorten much, the same each time: random letters by a xorshift. */
function noise(length: number): string {
  let state = 2_463_534_242;
  let text = "";
  while (text.length < length) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    text += String.fromCharCode(33 + ((state >>> 8) % 90));
  }
  return text;
}

function chunk(name: string, bytes: number, more: object = {}): [string, Rolldown.OutputChunk] {
  const made = {
    type: "chunk",
    fileName: name,
    code: noise(bytes),
    imports: [],
    dynamicImports: [],
    viteMetadata: { importedCss: new Set([`${name}.css`]) },
    isEntry: false,
    ...more,
  };
  return [name, made as unknown as Rolldown.OutputChunk];
}

function sheet(name: string, bytes: number): [string, Rolldown.OutputAsset] {
  return [name, { type: "asset", fileName: name, source: noise(bytes) } as unknown as Rolldown.OutputAsset];
}

function bundle(screenBytes: number, sharedBytes = 50_000, sheetBytes = 4_000): Rolldown.OutputBundle {
  const screen = { isDynamicEntry: true, facadeModuleId: "/console/src/features/inbox/Inbox.tsx" };
  return Object.fromEntries([
    chunk("entry.js", 20_000, { isEntry: true, imports: ["shared.js"] }),
    chunk("shared.js", sharedBytes, { dynamicImports: ["screen.js"] }),
    chunk("beside.js", 10_000),
    chunk("screen.js", screenBytes, { ...screen, imports: ["shared.js", "beside.js"] }),
    sheet("entry.js.css", 5_000),
    sheet("screen.js.css", sheetBytes),
    sheet("other.js.css", 90_000),
    chunk("other.js", 900_000, { isDynamicEntry: true, facadeModuleId: "/console/src/i18n/de/index.ts" }),
  ]);
}

function failure(made: Rolldown.OutputBundle): string {
  const told: string[] = [];
  const context = { info: () => undefined, error: (text: string) => told.push(text) };
  const hook = budgets().generateBundle as unknown as (this: object, options: object, made: object) => void;
  hook.call(context, {}, made);
  return told.join("\n");
}

describe("the budgets of the build", () => {
  it("count what a screen needs before it works, each file once", () => {
    const [route, first] = measure(bundle(10_000));
    expect(route?.budget).toBe("route");
    expect(first?.budget).toBe("firstRoute");
    const parts = [20_000, 50_000, 10_000, 10_000];
    const most = parts.reduce((sum, one) => sum + one, 0);
    expect(first?.bytes).toBeGreaterThan(most * 0.7);
    expect(first?.bytes).toBeLessThan(most * 1.1);
  });

  it("let a build pass that keeps them and fail one that does not", () => {
    expect(failure(bundle(10_000))).toBe("");
    expect(failure(bundle(90_000))).toMatch(/screen.js has .* kB, route allows 40.0/);
    expect(failure(bundle(10_000, 50_000, 40_000))).toMatch(/styles allows 20.0/);
    expect(failure(bundle(10_000, 400_000))).toMatch(/firstRoute allows 200.0/);
  });
});
