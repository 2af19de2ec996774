/** The pack verifier as one file, api/static/verify.html: script and style inside it, allowed by their hashes alone. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const OUTPUT = fileURLToPath(new URL("../api/static", import.meta.url));
const PAGE = fileURLToPath(new URL("./verify.html", import.meta.url));
const ENTRY = fileURLToPath(new URL("./src/verify/page/main.ts", import.meta.url));

function hashed(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Puts what was built into the page and drops the rest. The worker is in the script already. */
function oneFile(): Plugin {
  return {
    name: "one-file",
    enforce: "post",
    generateBundle(_, bundle) {
      const built = Object.values(bundle);
      let [script, style] = ["", ""];
      for (const one of built) {
        if (one.type === "chunk") script += one.code;
        else if (one.fileName.endsWith(".css")) style += String(one.source);
        delete bundle[one.fileName];
      }
      script = script.replaceAll("</script", "<\\/script");
      const policy = [
        "default-src 'none'",
        `script-src ${hashed(script)}`,
        `style-src ${hashed(style)}`,
        "worker-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
      ].join("; ");
      const page = readFileSync(PAGE, "utf-8");
      const filled = [
        ["POLICY", policy],
        ["STYLE", style],
        ["SCRIPT", script],
      ] as const;
      const source = filled.reduce((text, [place, value]) => text.replace(place, () => value), page);
      this.emitFile({ type: "asset", fileName: "verify.html", source });
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [oneFile()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: false,
    target: ["chrome111", "firefox115", "safari16"],
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: { input: ENTRY, output: { format: "iife" } },
  },
  worker: { format: "iife" },
});
