import { describe, expect, it } from "vitest";
import { visible } from "../src/design/visible";

describe("what hides in a text", () => {
  it.each([
    ["pay 100\u202E0001 yap", "pay 100[U+202E]0001 yap"],
    ["a\u0000b\u0007", "a[U+0000]b[U+0007]"],
    ["\u2066x\u2069", "[U+2066]x[U+2069]"],
    ["co\u00ADop", "co[U+00AD]op"],
    ["one\u2028two", "one[U+2028]two"],
    ["\u{E000}", "[U+E000]"],
    ["\uD800", "[U+D800]"],
  ])("is written out: %j", (given, shown) => {
    expect(visible(given)).toBe(shown);
  });

  it.each(["plain", "Grüße, 価格, السعر", "two\nlines\tand a tab", "क्‍ष", "👩‍👩‍👧", ""])(
    "leaves %j as it is",
    (text) => {
      expect(visible(text)).toBe(text);
    },
  );
});
