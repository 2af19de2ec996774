/** The packs that Python wrote (tests/console/packs.py): every verdict, word for word, is the one Python gave. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BytesSource } from "../../src/verify/source";
import type { Trust } from "../../src/verify/told";
import { verify } from "../../src/verify/verdicts";

const FOLDER = process.env.MUNIMENT_PACKS;

interface Case {
  readonly name: string;
  readonly trust: Trust;
  readonly expected: {
    readonly kind: string;
    readonly pack?: string;
    readonly strength?: string;
    readonly text?: string;
    readonly verdicts?: readonly { readonly status: string; readonly text: string }[];
  };
}

const cases: Case[] =
  FOLDER === undefined ? [] : JSON.parse(readFileSync(join(FOLDER, "cases.json"), "utf-8"));

/** Names of Python's own exceptions are no words of ours: only that the thing cannot be read is compared. */
function inOurWords(text: string | undefined): string | undefined {
  return text?.replace(/cannot be read: .*$/, "cannot be read");
}

describe.skipIf(FOLDER === undefined)("packs written by Python", () => {
  test.for(cases)("$name", ({ name, trust, expected }) => {
    const data = new Uint8Array(readFileSync(join(FOLDER ?? "", `${name}.zip`)));
    const outcome = verify(new BytesSource(data), trust, () => undefined);
    expect(outcome.kind).toBe(expected.kind);
    if (outcome.kind !== "verified") {
      expect(outcome.text).toBe(expected.text);
      return;
    }
    const { report } = outcome;
    const verdicts = report.verdicts.slice(0, 4).map((one) => ({ ...one, text: inOurWords(one.text) }));
    expect(verdicts).toEqual(expected.verdicts?.map((one) => ({ ...one, text: inOurWords(one.text) })));
    expect(report.pack).toBe(expected.pack);
    expect(report.strength).toBe(expected.strength);
    expect(report.verdicts[4]?.status).toBe("not run");
  });
});
