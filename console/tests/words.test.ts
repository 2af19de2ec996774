/** Messages: every language whole and well-formed, and words put together as their grammar wants. */
import IntlMessageFormat from "intl-messageformat";
import { describe, expect, it } from "vitest";
import german from "../src/i18n/de";
import english from "../src/i18n/en";
import { Grammar, readMessage, type Values } from "../src/i18n/message";
import { LANGUAGES, LOCALES, languageOf, type MessageKey, messagesOf, sayer } from "../src/i18n/messages";
import { pseudo } from "./pseudo";

const [LITERAL, SELECT, POUND] = [0, 5, 7]; // types of nodes in the parsed message
const NUMBERS = [0, 1, 2, 5, 1234.5, 1_000_000]; // zero, one, few, many, with a fraction, with groups

type Node = { type: number; value?: string; options?: Record<string, { value: Node[] }> };

/** The names of the arguments of a message, however deep. */
function argumentsOf(nodes: readonly Node[]): Set<string> {
  const found = new Set<string>();
  for (const node of nodes) {
    if (node.type !== LITERAL && node.type !== POUND && node.value !== undefined) found.add(node.value);
    for (const option of Object.values(node.options ?? {})) {
      for (const name of argumentsOf(option.value)) found.add(name);
    }
  }
  return found;
}

function parsed(message: string): readonly Node[] {
  return new IntlMessageFormat(message, "en", undefined, { ignoreTag: true }).getAst() as readonly Node[];
}

describe("the files of messages", () => {
  const files: Record<string, Record<string, string>> = { en: english, de: german };

  const areas = import.meta.glob<Record<string, string>>("../src/i18n/*/*.json", {
    eager: true,
    import: "default",
  });

  it("hold the same keys in every language, each area's sorted, no key twice", () => {
    const count = Object.entries(areas).map(([path, messages]) => {
      const keys = Object.keys(messages);
      expect(keys, path).toEqual([...keys].sort());
      return path.includes("/en/") ? keys.length : 0;
    });
    expect(Object.keys(english)).toHaveLength(count.reduce((sum, one) => sum + one, 0));
    for (const language of LANGUAGES)
      expect(Object.keys(files[language] ?? {}).sort()).toEqual(Object.keys(english).sort());
  });

  it("name keys by area and thing", () => {
    for (const key of Object.keys(english)) expect(key).toMatch(/^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$/);
  });

  it("take the same arguments in every language", () => {
    for (const [key, message] of Object.entries(english)) {
      expect(argumentsOf(parsed(german[key as MessageKey])), key).toEqual(argumentsOf(parsed(message)));
    }
  });

  it("say nothing empty", () => {
    for (const file of Object.values(files)) {
      for (const [key, message] of Object.entries(file)) expect(message.trim(), key).not.toBe("");
    }
  });
});

describe("a message", () => {
  it("is loaded by language and filled in", async () => {
    const say = sayer(await messagesOf("de"), "de-DE");
    expect(say("field.required", { label: "Grund" })).toBe("Grund (Pflichtfeld)");
  });

  it("fails where a value is missing, rather than showing a hole", () => {
    expect(() => sayer(english, "en-GB")("field.required")).toThrow();
  });

  it("is text, even where it holds angle brackets", () => {
    expect(sayer(english, "en-GB")("field.required", { label: "<b>x</b>" })).toBe("<b>x</b> (required)");
  });
});

/** The cases that the selects and plurals of a message name, for each argument, and what is in no case. */
function givenTo(nodes: readonly Node[], found = new Map<string, (string | number)[]>()) {
  for (const node of nodes) {
    if (node.type === LITERAL || node.type === POUND || node.value === undefined) continue;
    const cases = Object.keys(node.options ?? {});
    const given = node.type === SELECT ? [...cases, "anything else"] : [...NUMBERS];
    found.set(node.value, [...(found.get(node.value) ?? []), ...given]);
    for (const option of Object.values(node.options ?? {})) givenTo(option.value, found);
  }
  return found;
}

describe("our reading of the syntax of messages", () => {
  const files = { en: english, de: german };

  it.each(LANGUAGES)("says every message of %s as the whole implementation does", (language) => {
    for (const [key, message] of Object.entries(files[language])) {
      const theirs = new IntlMessageFormat(message, LOCALES[language], undefined, { ignoreTag: true });
      const given = [...givenTo(parsed(message))];
      const most = Math.max(1, ...given.map(([, values]) => values.length));
      // Every case of an argument with the first, the last and the same case of the others.
      for (let at = 0; at < most; at++) {
        for (const of of [() => 0, () => -1, () => at]) {
          const values: Values = Object.fromEntries(
            given.flatMap(([name]) =>
              given.map(([other, cases]) => [
                other,
                cases.at(other === name ? at % cases.length : of() % cases.length) ?? "",
              ]),
            ),
          );
          expect(new Grammar(LOCALES[language]).say(readMessage(message), values), key).toBe(
            String(theirs.format(values)),
          );
        }
      }
    }
  });

  it.each([
    ["it''s {x}", "it's 1"],
    ["it's {x}", "it's 1"],
    ["'{x}' {x}", "{x} 1"],
    ["'{it''s}' {x}", "{it's} 1"],
    ["{x, plural, other {# '#' {x, select, 1 {#} other {}}}} #", "1 # # #"],
    ["{ x , plural , =1{one}other{#} }", "one"],
  ])("reads quotes and signs: %s", (message, said) => {
    expect(new Grammar("en-GB").say(readMessage(message), { x: 1 })).toBe(said);
    const theirs = new IntlMessageFormat(message, "en-GB", undefined, { ignoreTag: true });
    expect(String(theirs.format({ x: 1 }))).toBe(said);
  });

  it.each(["{", "}", "{x", "{x, date}", "{x, plural}", "{x, select, a {b}}", "{x, plural, other {}", "{}"])(
    "refuses %s",
    (message) => {
      expect(() => readMessage(message)).toThrow(SyntaxError);
    },
  );
});

describe("the pseudo-language", () => {
  it("is longer, marked, and takes every message with its arguments whole", () => {
    for (const [key, message] of Object.entries(english)) {
      const strange = pseudo(message);
      expect(strange.length, key).toBeGreaterThan(message.length);
      expect(argumentsOf(parsed(strange)), key).toEqual(argumentsOf(parsed(message)));
    }
  });
});

describe("the language of a browser", () => {
  it("is the first that we have", () => {
    expect(languageOf(["fr-FR", "de-AT", "en"])).toBe("de");
    expect(languageOf(["fr"])).toBe("en");
    expect(languageOf([])).toBe("en");
  });
});
