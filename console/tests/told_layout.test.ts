/** Drawings in the reader's language: measured as the server measures, and still clear of every step. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { DiagramLayout, LayoutLabel } from "../src/diagram/layout";
import { textWidth, wrapped } from "../src/diagram/text_measure";
import { toldLayout } from "../src/diagram/told_layout";
import german from "../src/wordings/de.json";
import { told, type Wording } from "../src/wordings/told";

const GOLDEN = fileURLToPath(new URL("../../tests/versioning/golden/", import.meta.url));
const LOAN = JSON.parse(readFileSync(`${GOLDEN}loan-layout.json`, "utf-8")) as DiagramLayout;
const FILE = process.env.MUNIMENT_LAYOUTS;
const DRAWN: readonly DiagramLayout[] = FILE === undefined ? [] : JSON.parse(readFileSync(FILE, "utf-8"));

function inGerman(text: string, wording: Wording | null | undefined): string {
  return wording
    ? (told(wording, german, "de-DE") ?? []).map((piece) => piece.text).join("") || "no words"
    : text;
}

function labelsOf(layout: DiagramLayout): readonly LayoutLabel[] {
  return layout.edges.flatMap(({ label }) => (label === null ? [] : [label]));
}

type Box = Pick<LayoutLabel, "x" | "y" | "width" | "height">;

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

describe("a label", () => {
  it("that reads the same stays as the server drew it", () => {
    expect(toldLayout(LOAN, inGerman)).toEqual(LOAN);
  });

  it("is cut where a word is wider than a line, and ends in an ellipsis where it has too many", () => {
    expect(wrapped("x".repeat(50), 12, 148, 4).map((line) => line.length)).toEqual([20, 20, 10]);
    expect(wrapped("word ".repeat(60), 12, 148, 2).at(-1)).toMatch(/…$/);
    expect(wrapped("", 12, 148, 4)).toEqual([""]);
    expect(textWidth("漢字", 10)).toBe(21);
  });
});

describe.skipIf(FILE === undefined)("every example that is drawn", () => {
  it("is measured here as it was there", () => {
    const labels = DRAWN.flatMap(labelsOf);
    expect(labels.length).toBeGreaterThan(200);
    for (const label of labels) expect(wrapped(label.text, 12, 148, 4)).toEqual(label.lines);
  });

  it("has its labels in German, whole, and no one lies on a step or on another", () => {
    const wrong = DRAWN.flatMap((drawn) => {
      const layout = toldLayout(drawn, inGerman);
      const labels = labelsOf(layout);
      return labels.flatMap((label, place) => [
        ...(label.text === "no words" ? ["has no words"] : []),
        ...(label.lines.at(-1)?.endsWith("…") ? [`is cut: ${label.text}`] : []),
        ...layout.nodes.filter((node) => overlap(label, node)).map((node) => `${label.text} / ${node.title}`),
        ...labels
          .slice(place + 1)
          .filter((other) => overlap(label, other))
          .map((other) => `${label.text} / ${other.text}`),
      ]);
    });
    expect(wrong).toEqual([]);
  });
});
