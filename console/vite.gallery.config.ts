/** The gallery of the design system: built into build/ for development and tests, never part of the console. */
import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vitest/config";
import config, { plugins } from "./vite.config.ts";

export default mergeConfig(
  { ...config, plugins },
  defineConfig({
    base: "/",
    build: {
      outDir: fileURLToPath(new URL("./build/gallery", import.meta.url)),
      manifest: false,
      rolldownOptions: { input: fileURLToPath(new URL("./gallery.html", import.meta.url)) },
    },
  }),
);
