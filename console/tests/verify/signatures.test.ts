/** Signature vectors that Python chose (published and made): every one is taken or refused as Python does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { verifySignature } from "../../src/verify/note";

const FOLDER = process.env.MUNIMENT_PACKS;

interface Vector {
  readonly key: string;
  readonly message: string;
  readonly signature: string;
  readonly holds: boolean;
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));

describe.skipIf(FOLDER === undefined)("signatures", () => {
  test("each as Python says", () => {
    const vectors: Vector[] = JSON.parse(readFileSync(join(FOLDER ?? "", "signatures.json"), "utf-8"));
    expect(vectors.length).toBeGreaterThan(100);
    for (const { key, message, signature, holds } of vectors) {
      expect(verifySignature(hex(key), hex(message), hex(signature)), signature).toBe(holds);
    }
  });
});
