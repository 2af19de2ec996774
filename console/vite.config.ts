/** The build: hashed assets under /console/, and a style nonce that the server fills in. */
import { fileURLToPath } from "node:url";
import locales from "@react-aria/optimize-locales-plugin";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budgets } from "./budgets.ts";
import { licences } from "./licences.ts";

const OUTPUT = fileURLToPath(new URL("../api/static", import.meta.url));

/** What every build of this source is made with; budgets are those of the console's own alone. */
export const plugins = [
  // en-US stays: it is what React Aria falls back to, and without it a table never renders.
  { ...locales.vite({ locales: ["en-US", "en-GB", "de-DE"] }), enforce: "pre" as const },
  react(),
  licences(),
];

export default defineConfig({
  base: "/console/",
  plugins: [...plugins, budgets()],
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
          // Run before all other chunks: see src/early.ts.
          groups: [{ name: "early", test: /src\/(early|shell\/screens)\.ts$|preload-helper/ }],
        },
      },
    },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"] },
});
