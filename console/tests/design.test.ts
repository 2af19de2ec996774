/** What the components decide without a page: shortening, differences, decimals, problems. */
import { describe, expect, it } from "vitest";
import { decimalText } from "../src/design/decimal";
import { problemOf } from "../src/design/problem";
import { shortened } from "../src/design/shortened";
import { wordDiff } from "../src/design/word_diff";

describe("a shortened hash", () => {
  it("keeps both ends", () => {
    expect(shortened("9f2cA41bQx7dZ0aLm3kPzvYt8RwEuJ6oHn5sGqXi41ab")).toBe("9f2cA41b\u202641ab");
  });

  it("stays whole where shortening saves nothing", () => {
    expect(shortened("123456789abcd")).toBe("123456789abcd");
    expect(shortened("123456789abcde")).toBe("12345678\u2026bcde");
    expect(shortened("")).toBe("");
  });

  it("never cuts a character in two", () => {
    expect(shortened("\u{1F4C4}".repeat(20), 2, 2)).toBe("\u{1F4C4}\u{1F4C4}\u2026\u{1F4C4}\u{1F4C4}");
  });
});

describe("a difference of words", () => {
  const sides = (before: string, after: string) => {
    const parts = wordDiff(before, after);
    const side = (kind: string) => parts.filter((part) => part.kind === "same" || part.kind === kind);
    return [side("removed"), side("added")].map((found) => found.map((part) => part.text).join(""));
  };

  it("tells what went before what came in its place", () => {
    expect(wordDiff("above 250,000 go", "above 150,000 go")).toEqual([
      { kind: "same", text: "above" },
      { kind: "removed", text: " 250,000" },
      { kind: "added", text: " 150,000" },
      { kind: "same", text: " go" },
    ]);
  });

  it("loses nothing of either side", () => {
    const texts = [
      "",
      "a",
      " a  b\n c ",
      "one two three four",
      "four three two one",
      "a b a b a",
      "x".repeat(50),
    ];
    for (const before of texts)
      for (const after of texts) expect(sides(before, after)).toEqual([before, after]);
  });

  it("takes texts too long to compare as replaced", () => {
    const long = "word ".repeat(4000);
    expect(sides(long, `${long}more`)).toEqual([long, `${long}more`]);
  });
});

describe("a typed amount", () => {
  it("is read as the language writes it", () => {
    expect(decimalText("84,000.50", "en-GB")).toBe("84000.50");
    expect(decimalText("84.000,50", "de-DE")).toBe("84000.50");
    expect(decimalText(" 84 000 ", "en-GB")).toBe("84000");
    expect(decimalText("-3", "de-DE")).toBe("-3");
  });

  it("is refused rather than guessed where it could mean something else", () => {
    expect(decimalText("84,50", "en-GB")).toBeNull();
    expect(decimalText("84.50", "de-DE")).toBeNull();
    expect(decimalText("1,00,000", "en-GB")).toBeNull();
    expect(decimalText("12a", "en-GB")).toBeNull();
    expect(decimalText("", "en-GB")).toBeNull();
  });

  it("keeps every digit of a large amount", () => {
    expect(decimalText("9,007,199,254,740,993.01", "en-GB")).toBe("9007199254740993.01");
  });
});

describe("a problem", () => {
  const body = {
    status: 403,
    reason: "NOT_PERMITTED",
    detail: "expected the permission x",
    reference: "r-1",
  };

  it("is the body of the server, bare or carried by an error", () => {
    const carried = Object.assign(new Error("403"), { problem: body });
    for (const error of [body, carried]) {
      expect(problemOf(error)).toMatchObject({
        kind: "forbidden",
        reason: "NOT_PERMITTED",
        reference: "r-1",
      });
      expect(problemOf(error).detail).toBe("expected the permission x");
    }
  });

  it("is offline only where no answer came", () => {
    expect(problemOf(new TypeError("Failed to fetch")).kind).toBe("offline");
    expect(problemOf(Object.assign(new TypeError("x"), { status: 500 })).kind).toBe("failed");
  });

  it("is told apart by its status", () => {
    expect([401, 404, 409, 422, 500].map((status) => problemOf({ status }).kind)).toEqual([
      "forbidden",
      "missing",
      "refused",
      "refused",
      "failed",
    ]);
    expect(problemOf("nonsense").kind).toBe("failed");
  });
});
