/** The build: hashed assets under /console/, a style nonce that the server fills in, sizes held by budgets.ts. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const OUTPUT = fileURLToPath(new URL("../api/static", import.meta.url));

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  html: { cspNonce: "STYLE_NONCE" },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: ["chrome137", "firefox129", "safari17"],
    cssTarget: ["chrome137", "firefox129", "safari17"],
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
  test: { include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"] },
});
