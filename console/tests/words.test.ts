/** Messages: every language whole and well-formed, and words put together as their grammar wants. */
import IntlMessageFormat from "intl-messageformat";
import { describe, expect, it } from "vitest";
import german from "../src/i18n/de";
import english from "../src/i18n/en";
import { LANGUAGES, languageOf, type MessageKey, messagesOf, sayer } from "../src/i18n/messages";
import { pseudo } from "./pseudo";

const [LITERAL, POUND] = [0, 7]; // types of nodes in the parsed message

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
