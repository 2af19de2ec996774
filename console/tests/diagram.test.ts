/** Drawings: the same lines as the server draws, and arrow keys that follow the flow. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { DiagramLayout, LayoutEdge, LayoutNode } from "../src/diagram/layout";
import { headPath, isWhole, linePath, pointedPath, radiusOf } from "../src/diagram/lines";
import { leadsTo, nodeName } from "../src/diagram/node_words";
import { moveOf, readingOrder, walk } from "../src/diagram/walk";
import english from "../src/i18n/en";
import { sayer } from "../src/i18n/messages";

const GOLDEN = fileURLToPath(new URL("../../tests/versioning/golden/", import.meta.url));
const LOAN = JSON.parse(readFileSync(`${GOLDEN}loan-layout.json`, "utf-8")) as DiagramLayout;
const DRAWN = readFileSync(`${GOLDEN}loan.svg`, "utf-8");
const say = sayer(english, "en-GB");

function nodeOf(id: string): LayoutNode {
  const found = LOAN.nodes.find((node) => node.id === id);
  if (found === undefined) throw new Error(`no node ${id}`);
  return found;
}

describe("lines", () => {
  it("are those of the server's own drawing, to the pixel", () => {
    const served = [...DRAWN.matchAll(/ d="([^"]*)"/g)].map((match) => match[1]).sort();
    const edges = LOAN.edges.flatMap((edge) => [
      ...(isWhole(edge) ? [] : [linePath(edge.points)]),
      linePath(edge.points),
      headPath(edge.points),
    ]);
    const choices = LOAN.nodes.filter((node) => node.kind === "choose").map(pointedPath);
    expect([...edges, ...choices].sort()).toEqual(served);
  });

  it("round the boxes as the server does", () => {
    for (const node of LOAN.nodes.filter((each) => each.kind !== "choose")) {
      const { x, y, width, height } = node;
      const box = `x="${x}" y="${y}" width="${width}" height="${height}" rx="${radiusOf(node)}"`;
      expect(DRAWN).toContain(box);
    }
  });
});

describe("arrow keys", () => {
  it("mean the flow in the direction of the drawing", () => {
    expect(moveOf("ArrowDown", "down")).toBe("forth");
    expect(moveOf("ArrowRight", "down")).toBe("after");
    expect(moveOf("ArrowRight", "right")).toBe("forth");
    expect(moveOf("ArrowUp", "right")).toBe("before");
    expect(moveOf("a", "down")).toBeUndefined();
  });

  it("follow the first way out down to an end, and stay there", () => {
    const walked = ["/start"];
    for (let here = walk(LOAN, "/start", "forth"); here !== walked.at(-1); here = walk(LOAN, here, "forth")) {
      walked.push(here);
      expect(walked.length).toBeLessThan(40);
    }
    expect(walked.slice(0, 4)).toEqual(["/start", "check-completeness", "is-complete", "checks"]);
    expect(nodeOf(walked.at(-1) ?? "").kind).toBe("end");
  });

  it("go back against the flow, not along a loop", () => {
    expect(walk(LOAN, "check-completeness", "back")).toBe("/start");
    expect(walk(LOAN, "/start", "back")).toBe("/start");
  });

  it("go across to what lies beside, and back again", () => {
    expect(walk(LOAN, "bureau", "after")).toBe("sanctions");
    expect(walk(LOAN, "sanctions", "before")).toBe("bureau");
    expect(walk(LOAN, "bureau", "before")).toBe("bureau");
    expect(walk(LOAN, "officer", "before")).toBe("committee");
  });

  it("reach every node from the start", () => {
    const reached = new Set<string>();
    const waiting = ["/start"];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (reached.has(id)) continue;
      reached.add(id);
      for (const move of ["forth", "back", "before", "after", "first", "last"] as const) {
        waiting.push(walk(LOAN, id, move));
      }
    }
    expect(reached).toEqual(new Set(LOAN.nodes.map((node) => node.id)));
  });

  it("prefer the ways that lead on to those that lead back, wherever they stand in the source", () => {
    const box = { step: "", kind: "task", mark: "", width: 200, height: 54, lines: [] } as const;
    const line = { mark: "", ways: [], points: [], label: null } as const;
    const looped: DiagramLayout = {
      title: "Loop",
      direction: "down",
      width: 500,
      height: 300,
      nodes: [
        { ...box, id: "draft", title: "Draft", x: 0, y: 0 },
        { ...box, id: "review", title: "Review", x: 200, y: 100 },
        { ...box, id: "send", title: "Send", x: 200, y: 200 },
      ],
      edges: [
        { ...line, source: "draft", target: "review", order: 0, is_back: false },
        { ...line, source: "review", target: "draft", order: 0, is_back: true },
        { ...line, source: "review", target: "send", order: 1, is_back: false },
        { ...line, source: "send", target: "review", order: 0, is_back: true },
      ],
    };
    expect(walk(looped, "review", "forth")).toBe("send");
    expect(walk(looped, "review", "back")).toBe("draft");
    expect(walk(looped, "send", "forth")).toBe("review");
  });

  it("find the start again where a node is gone", () => {
    expect(walk(LOAN, "no-such-step", "forth")).toBe("/start");
    expect(walk(LOAN, "officer", "first")).toBe("/start");
    expect(walk(LOAN, "/start", "last")).toBe(readingOrder(LOAN).at(-1)?.id);
  });
});

describe("the words of a node", () => {
  it("say kind, status, title and badge, in the order in which they are seen", () => {
    const on = {
      statuses: { officer: "waiting" },
      badges: { officer: { text: "31 waiting", tone: "bad" } },
    } as const;
    expect(nodeName(say, nodeOf("officer"), on)).toBe("Decision · waiting: Credit officer, 31 waiting");
    expect(nodeName(say, { ...nodeOf("grade"), mark: "changed" }, {})).toBe("Rules · changed: Grade");
    const join = LOAN.nodes.find((node) => node.kind === "join") as LayoutNode;
    expect(nodeName(say, join, {})).toBe("All done");
    expect(nodeName(say, { ...join, title: "2 of 3 done" }, {})).toBe("2 of 3 done");
    const start = nodeOf("/start");
    expect(nodeName(say, start, {})).toBe("Start");
    expect(nodeName(say, { ...start, id: "/start/schedule" }, {})).toBe("Start by schedule");
    const told = { ...start, id: "/start/message/order-placed" };
    expect(nodeName(say, told, {})).toBe("Start by the message order placed");
  });

  it("say every way out with its condition, in order", () => {
    const out: readonly LayoutEdge[] = LOAN.edges.filter((edge) => edge.source === "is-complete");
    const said = leadsTo(say, nodeOf("is-complete"), LOAN, "en-GB");
    expect(out.length).toBe(2);
    for (const edge of out) expect(said).toContain(edge.label?.text ?? nodeOf(edge.target).title);
    expect(leadsTo(say, nodeOf("done"), LOAN, "en-GB")).toBe("");
  });
});
