/** The lines of a drawing as svg paths: the same, to the pixel, as the server draws for print and evidence. */
import type { LayoutEdge, LayoutNode, Point } from "./layout";

const RADIUS = 8; // of boxes and of the corners of lines
const PILLS: ReadonlySet<string> = new Set(["start", "join", "end"]);
const CUT = 14; // of the pointed sides of a choice

/** The line with rounded corners; it ends where the arrow head begins. */
export function linePath(points: readonly Point[]): string {
  const [first, last, beforeLast] = [points[0], points.at(-1), points.at(-2)];
  if (first === undefined || last === undefined || beforeLast === undefined) return "";
  const end = short(last, beforeLast, 6);
  let path = `M${first.x} ${first.y}`;
  for (let place = 1; place < points.length - 1; place += 1) {
    const [before, corner, after] = [points[place - 1], points[place], points[place + 1]];
    if (before === undefined || corner === undefined || after === undefined) continue;
    const radius = Math.min(
      RADIUS,
      Math.floor(length(before, corner) / 2),
      Math.floor(length(corner, after) / 2),
    );
    const [from, to] = [short(corner, before, radius), short(corner, after, radius)];
    path += `L${from.x} ${from.y}Q${corner.x} ${corner.y} ${to.x} ${to.y}`;
  }
  return `${path}L${end.x} ${end.y}`;
}

/** The arrow head at the end of a line. */
export function headPath(points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return "";
  const base = short(end, before, 9);
  const [x, y] = base.y === end.y ? [0, 5] : [5, 0];
  return `M${end.x} ${end.y}L${base.x + x} ${base.y + y}L${base.x - x} ${base.y - y}Z`;
}

/** A box with pointed sides, for a choice. */
export function pointedPath(node: LayoutNode): string {
  const [right, bottom, middle] = [
    node.x + node.width,
    node.y + node.height,
    node.y + Math.floor(node.height / 2),
  ];
  return (
    `M${node.x + CUT} ${node.y}L${right - CUT} ${node.y}L${right} ${middle}` +
    `L${right - CUT} ${bottom}L${node.x + CUT} ${bottom}L${node.x} ${middle}Z`
  );
}

/** The radius of the corners of a box. */
export function radiusOf(node: LayoutNode): number {
  return PILLS.has(node.kind) ? Math.floor(node.height / 2) : RADIUS;
}

/** Whether an edge is taken only when a time limit has passed. */
export function isLate(edge: LayoutEdge): boolean {
  return edge.ways.every((way) => way.cause === "late");
}

/** Whether its line is not broken: those lie above the others. */
export function isWhole(edge: LayoutEdge): boolean {
  return !(edge.is_back || isLate(edge) || edge.mark === "removed" || edge.mark === "changed");
}

function length(one: Point, other: Point): number {
  return Math.abs(one.x - other.x) + Math.abs(one.y - other.y);
}

/** The point `by` away from `end` on the straight line to `towards`. */
function short(end: Point, towards: Point, by: number): Point {
  return { x: end.x + Math.sign(towards.x - end.x) * by, y: end.y + Math.sign(towards.y - end.y) * by };
}
