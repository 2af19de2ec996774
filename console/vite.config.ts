/** The build: hashed assets under /console/, and a style nonce that the server fills in. */
import { fileURLToPath } from "node:url";
import locales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budgets } from "./budgets.ts";
import { licences } from "./licences.ts";
import { places } from "./places.ts";
import { words } from "./words.ts";

/** Run before all other chunks: see src/early.ts. */
const EARLY = /src\/(early|shell\/screens)\.ts$|src\/i18n\/(message|messages|remembered)\.ts$|preload-helper/;
/** Of so many chunks that are asked for by themselves a module is shared before it comes with all that are. */
const SHARED_BY = 25;
const REGISTRY = fileURLToPath(new URL("./src/shell/screens.ts", import.meta.url));
const OUTPUT = fileURLToPath(new URL("../api/static", import.meta.url));

/** What every build of this source is made with; budgets are those of the console's own alone. */
export const plugins = [
  // en-US stays: it is what React Aria falls back to, and without it a table never renders.
  { ...locales.vite({ locales: ["en-US", "en-GB", "de-DE"] }), enforce: "pre" as const },
  react(),
  licences(),
  words(),
];

export default defineConfig({
  base: "/console/",
  plugins: [...plugins, places(REGISTRY), budgets()],
  html: { cspNonce: "STYLE_NONCE" },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: ["chrome137", "firefox129", "safari17"],
    cssTarget: ["chrome137", "firefox129", "safari17"],
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "early", test: EARLY, priority: 1 },
            // What most screens need comes in one file: a file of each of them is a hundred requests of a first visit.
            { name: "shared", minShareCount: SHARED_BY, includeDependenciesRecursively: false },
          ],
        },
      },
    },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"] },
});
