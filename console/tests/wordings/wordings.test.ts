/** What the service says (tests/console/test_wordings.py makes it): the same in English, and whole in German. */
import { readFileSync } from "node:fs";
import IntlMessageFormat from "intl-messageformat";
import { describe, expect, it } from "vitest";
import german from "../../src/wordings/de.json";
import english from "../../src/wordings/en.json";
import { told, type Wording, type Words, wordsOf } from "../../src/wordings/told";

interface Said {
  readonly text: string;
  readonly wording: Wording;
}

const FILE = process.env.MUNIMENT_WORDINGS;
const SAID: readonly Said[] = FILE === undefined ? [] : JSON.parse(readFileSync(FILE, "utf-8"));

function spoken(wording: Wording, words: Words, locale: string): string | undefined {
  return told(wording, words, locale)
    ?.map((piece) => piece.text)
    .join("");
}

/** The names and values in a sentence: what is no wording itself, but for times, which languages write differently. */
function leaves({ code, arguments: named }: Wording): string[] {
  if (["time.moment", "time.day", "value.date", "value.number"].includes(code)) return [];
  return Object.values(named).flatMap((one) => (typeof one === "object" ? leaves(one) : [String(one)]));
}

describe("the words of the service's sentences", () => {
  it("are messages with plain arguments alone", () => {
    for (const [code, text] of [...Object.entries(english), ...Object.entries(german)]) {
      const [LITERAL, ARGUMENT] = [0, 1];
      const nodes = new IntlMessageFormat(text, "en", undefined, { ignoreTag: true }).getAst();
      for (const node of nodes) expect([LITERAL, ARGUMENT], code).toContain(node.type);
    }
  });

  it("are loaded by language", async () => {
    expect(await wordsOf("de-DE")).toEqual(german);
    expect(await wordsOf("en-GB")).toEqual(english);
    expect(await wordsOf("fr-FR")).toEqual(english);
  });
});

describe("a sentence", () => {
  const step = { code: "unreachable", arguments: { step: "`tell`" } };

  it("is put together in the reader's language", () => {
    expect(spoken(step, german, "de-DE")).toBe("kein Weg führt zu `tell`");
    const whole = {
      code: "expected",
      arguments: { message: step, expected: { code: "step", arguments: {} } },
    };
    expect(spoken(whole, german, "de-DE")).toBe("kein Weg führt zu `tell`; erwartet: ein Schritt");
  });

  it("tells which part is in English all the same", () => {
    const fault = { code: "english", arguments: { text: "expected a name" } };
    const found = told(
      { code: "expression-fault", arguments: { source: "`1 +`", step: "`a`", fault } },
      german,
      "de",
    );
    expect(found).toEqual([
      { at: 0, text: "der Ausdruck `1 +` von `a`: ", isEnglish: false },
      { at: 28, text: "expected a name", isEnglish: true },
    ]);
  });

  it("has no words where a code of it is newer than this page, or lacks an argument", () => {
    expect(told({ code: "newer", arguments: {} }, german, "de-DE")).toBeUndefined();
    expect(told({ code: "toString", arguments: {} }, german, "de-DE")).toBeUndefined();
    expect(told({ code: "unreachable", arguments: {} }, german, "de-DE")).toBeUndefined();
    const inner = { code: "unreachable", arguments: { step: { code: "newer", arguments: {} } } };
    expect(told(inner, german, "de-DE")).toBeUndefined();
    expect(told(step, {}, "de-DE")).toBeUndefined();
  });

  it("writes times as the language does", () => {
    const due = { code: "time.moment", arguments: { local: "2026-12-29T15:00" } };
    expect(spoken(due, german, "de-DE")).toBe("Dienstag, 29. Dezember 2026, 15:00");
    expect(spoken(due, english, "en-GB")).toBe("Tuesday 29 December 2026, 15:00");
    const day = { code: "time.day", arguments: { on: "2026-12-25" } };
    expect(spoken(day, german, "de-DE")).toBe("25. Dezember");
  });
});

describe.skipIf(FILE === undefined)("all that the service says", () => {
  it("is much", () => expect(SAID.length).toBeGreaterThan(600));

  it("comes out in English as the service says it", () => {
    const wrong = SAID.filter(({ text, wording }) => spoken(wording, english, "en-GB") !== text);
    expect(wrong.map(({ text, wording }) => [text, spoken(wording, english, "en-GB")])).toEqual([]);
  });

  it("comes out in German with every name and value in it", () => {
    for (const { text, wording } of SAID) {
      const words = spoken(wording, german, "de-DE");
      expect(words, text).toBeDefined();
      expect(words, text).not.toMatch(/undefined|\{\w+\}/);
      for (const leaf of leaves(wording)) expect(words, text).toContain(leaf);
    }
  });

  it("has no word of English in German but in names, values and words of the language", () => {
    const english =
      /(^|[^\p{L}])(the|and|is|of|when|who|with|comes|by|or|for|it|to|another|becomes)(?![\p{L}-])/iu;
    const left = SAID.flatMap(({ wording }) => {
      const own = leaves(wording).sort((one, other) => other.length - one.length);
      const said = spoken(wording, german, "de-DE") ?? "";
      const ours = own.reduce((rest, leaf) => rest.replaceAll(leaf, "·"), said).replaceAll(/`[^`]*`/g, "·");
      return english.test(ours) ? [ours] : [];
    });
    expect(left).toEqual([]);
  });
});
