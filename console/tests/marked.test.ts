/** Where a change changes something, and the lines of a difference. */
import { describe, expect, it } from "vitest";
import type { DiagramLayout, LayoutNode, Mark } from "../src/diagram";
import { beside, changesOf, countsOf, diffLines, lineOf, markedSteps } from "../src/features/changes/marked";
import type { FieldRow } from "../src/features/changes/reading";

function node(id: string, y: number, mark: Mark = "", kind = "task"): LayoutNode {
  const step = kind === "start" ? "" : id.replace(/ join$/, "");
  return { id, step, kind, mark, x: 0, y, width: 200, height: 60, title: id, lines: [id] };
}

function row(step: string, field = "the role", before = "a", after = "b"): FieldRow {
  return {
    step,
    what: "field",
    field,
    before,
    after,
    field_wording: null,
    before_wording: null,
    after_wording: null,
  };
}

const LAYOUT: DiagramLayout = {
  title: "A",
  direction: "down",
  width: 200,
  height: 900,
  edges: [],
  nodes: [
    node("start", 0, "", "start"),
    node("last", 800, "added"),
    node("first", 100, "removed"),
    node("both", 200, "changed"),
    node("both join", 300, "changed", "join"),
    node("leads", 400),
    node("same", 500),
  ],
};

describe("the steps of a change", () => {
  it("stand as one reads the drawing, those that only lead elsewhere too, and no join", () => {
    const marked = markedSteps(LAYOUT, [row("leads"), row("both")]);
    expect(marked.map((one) => [one.node, one.what])).toEqual([
      ["first", "removed"],
      ["both", "changed"],
      ["leads", "changed"],
      ["last", "added"],
    ]);
    expect(countsOf(marked)).toEqual({ added: 1, removed: 1, changed: 2 });
  });

  it("begin with the whole blueprint where its head or data change", () => {
    expect(markedSteps(LAYOUT, [row("")])[0]).toEqual({
      node: "start",
      step: "",
      title: "start",
      what: "changed",
    });
  });

  it("are gone through round and round, from either end", () => {
    const marked = markedSteps(LAYOUT, []);
    const go = (from: string | null, by: 1 | -1) => beside(marked, from, by)?.node;
    expect([go(null, 1), go("first", 1), go("last", 1)]).toEqual(["first", "both", "first"]);
    expect([go(null, -1), go("first", -1), go("same", -1)]).toEqual(["last", "last", "last"]);
    expect(beside([], null, 1)).toBeUndefined();
  });

  it("tell each field once, and an empty side as nothing", () => {
    const rows = [
      row("a", "way added", "", "on yes"),
      row("a", "way added", "", "on yes"),
      row("a", "way added", "", "on no"),
    ];
    expect(changesOf(rows, (text) => text)).toEqual([
      { field: "way added", before: null, after: "on yes" },
      { field: "way added", before: null, after: "on no" },
    ]);
  });
});

describe("a unified difference", () => {
  const unified = [
    "--- base",
    "+++ proposed",
    "@@ -3,3 +3,3 @@",
    " same",
    "-old",
    "+new",
    "@@ -20 +20,2 @@",
    " x",
    "+-- y",
  ];

  it("keeps the numbers of both sides, and says where lines are left out", () => {
    expect(diffLines(unified.join("\n"))).toEqual([
      { kind: "same", before: 3, after: 3, text: "same" },
      { kind: "removed", before: 4, after: null, text: "old" },
      { kind: "added", before: null, after: 4, text: "new" },
      { kind: "gap", before: null, after: null, text: "" },
      { kind: "same", before: 20, after: 20, text: "x" },
      { kind: "added", before: null, after: 21, text: "-- y" },
    ]);
  });

  it("of nothing has no line", () => {
    expect(diffLines("")).toEqual([]);
  });
});

describe("the place of a finding", () => {
  it("is a line where it names one", () => {
    expect([lineOf("16:11"), lineOf("steps.officer"), lineOf("")]).toEqual([16, null, null]);
  });
});
