/** The lines of a drawing and what is written on them. */
import { visible } from "../design/visible";
import type { LayoutEdge } from "./layout";
import { headPath, isLate, isWhole, linePath } from "./lines";

const SMALL_LINE = 16; // height of a line of small text, as the server measured it

/** One line with its arrow head. */
export function DrawnEdge({ edge }: { edge: LayoutEdge }) {
  const path = linePath(edge.points);
  return (
    <g className={classesOf(edge)}>
      {!isWhole(edge) && <path className="under" d={path} />}
      <path className="line" d={path} />
      <path className="head" d={headPath(edge.points)} />
    </g>
  );
}

/** When a way is taken, written on its line. */
export function DrawnLabel({ edge }: { edge: LayoutEdge }) {
  const { label } = edge;
  if (label === null) return null;
  const middle = label.x + Math.floor(label.width / 2);
  const top = label.y + Math.floor((label.height - SMALL_LINE * label.lines.length) / 2);
  return (
    <g className={classesOf(edge)}>
      {label.lines.join(" ") !== label.text && <title>{label.text}</title>}
      <rect className="ground" x={label.x} y={label.y} width={label.width} height={label.height} rx={4} />
      <Lines className="when" lines={label.lines} x={middle} y={top} height={SMALL_LINE} anchor="middle" />
    </g>
  );
}

export interface LinesProps {
  className: string;
  lines: readonly string[];
  x: number;
  /** The upper edge. */
  y: number;
  height: number;
  anchor: "start" | "middle";
}

/** Lines of text one below the other, with a space after each but the last, so that they are read as one text. */
export function Lines({ className, lines, x, y, height, anchor }: LinesProps) {
  return (
    <text className={className} textAnchor={anchor}>
      {lines.map(visible).map((line, place) => (
        <tspan key={`${String(place)} ${line}`} x={x} y={y + height * place + Math.floor((height * 3) / 4)}>
          {place < lines.length - 1 ? `${line} ` : line}
        </tspan>
      ))}
    </text>
  );
}

function classesOf(edge: LayoutEdge): string {
  return ["edge", edge.is_back ? "back" : "", isLate(edge) ? "late" : "", edge.mark]
    .filter(Boolean)
    .join(" ");
}
