/** Where the arrow keys lead in a drawing: along the flow, back against it, and to what lies beside. */
import type { DiagramLayout, LayoutEdge, LayoutNode } from "./layout";

export type Move = "forth" | "back" | "before" | "after" | "first" | "last";

/** What a key means in a drawing of that direction; undefined for keys that are not its own. */
export function moveOf(key: string, direction: DiagramLayout["direction"]): Move | undefined {
  if (key === "Home") return "first";
  if (key === "End") return "last";
  const keys: Readonly<Record<string, Move>> =
    direction === "down"
      ? { ArrowDown: "forth", ArrowUp: "back", ArrowLeft: "before", ArrowRight: "after" }
      : { ArrowRight: "forth", ArrowLeft: "back", ArrowUp: "before", ArrowDown: "after" };
  return keys[key];
}

/** The node that a move leads to from `id`; the same where it leads nowhere. */
export function walk(layout: DiagramLayout, id: string, move: Move): string {
  const from = layout.nodes.find((node) => node.id === id);
  if (from === undefined) return layout.nodes[0]?.id ?? id;
  if (move === "forth") return alongEdges(layout, from, "source", "target") ?? id;
  if (move === "back") return alongEdges(layout, from, "target", "source") ?? id;
  if (move === "before" || move === "after") return beside(layout, from, move) ?? id;
  const order = readingOrder(layout);
  return (move === "first" ? order[0] : order.at(-1))?.id ?? id;
}

/** Nodes as one reads them: layer by layer along the flow, and across within a layer. */
export function readingOrder(layout: DiagramLayout): readonly LayoutNode[] {
  return [...layout.nodes].sort(
    (one, other) => along(layout, one) - along(layout, other) || across(layout, one) - across(layout, other),
  );
}

/** The first way in the order of the source, ways that lead back last; then whatever lies nearest. */
function alongEdges(
  layout: DiagramLayout,
  from: LayoutNode,
  here: "source" | "target",
  there: "source" | "target",
): string | undefined {
  const found = layout.edges.filter((edge) => edge[here] === from.id);
  const away = (edge: LayoutEdge) => {
    const node = layout.nodes.find((each) => each.id === edge[there]);
    return node === undefined
      ? Number.POSITIVE_INFINITY
      : Math.abs(across(layout, node) - across(layout, from));
  };
  const rank = (one: LayoutEdge, other: LayoutEdge) =>
    Number(one.is_back) - Number(other.is_back) ||
    (here === "source" ? one.order - other.order : away(one) - away(other));
  return found.sort(rank)[0]?.[there];
}

/** The nearest node across the flow among those that lie at the same height. */
function beside(layout: DiagramLayout, from: LayoutNode, move: "before" | "after"): string | undefined {
  const sign = move === "after" ? 1 : -1;
  const distance = (node: LayoutNode) => (across(layout, node) - across(layout, from)) * sign;
  return layout.nodes
    .filter((node) => node.id !== from.id && isLevel(layout, node, from) && distance(node) > 0)
    .sort((one, other) => distance(one) - distance(other))[0]?.id;
}

function isLevel(layout: DiagramLayout, one: LayoutNode, other: LayoutNode): boolean {
  const size = layout.direction === "down" ? "height" : "width";
  return Math.abs(along(layout, one) - along(layout, other)) * 2 < one[size] + other[size];
}

/** The middle of a node along the flow. */
function along(layout: DiagramLayout, node: LayoutNode): number {
  return layout.direction === "down" ? node.y + node.height / 2 : node.x + node.width / 2;
}

/** The middle of a node across the flow. */
function across(layout: DiagramLayout, node: LayoutNode): number {
  return layout.direction === "down" ? node.x + node.width / 2 : node.y + node.height / 2;
}
