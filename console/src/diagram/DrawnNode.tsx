/** A step in a drawing: a button with its kind, status, title and badge. */
import type { KeyboardEvent } from "react";
import { useWords } from "../i18n";
import { Lines } from "./DrawnEdge";
import type { LayoutNode } from "./layout";
import { pointedPath, radiusOf } from "./lines";
import { type Badge, captionOf, isPill, nodeName, type OnNodes, statusOf } from "./node_words";

// As the server measured text: see versioning/layout.py.
const [PADDING_X, PADDING_Y, SMALL_LINE, TITLE_LINE] = [14, 10, 16, 18];
const RING = 5; // between a box and the ring around a selected one
const [BADGE_HEIGHT, BADGE_LETTER, BADGE_PADDING] = [20, 6.7, 9];

export interface DrawnNodeProps {
  node: LayoutNode;
  on: OnNodes;
  isSelected: boolean;
  /** Whether the tab key stops here; arrow keys reach the others. */
  isEntry: boolean;
  onFocus: () => void;
  onKey: (event: KeyboardEvent) => void;
  onSelect?: (() => void) | undefined;
}

/** One node. */
export function DrawnNode({ node, on, isSelected, isEntry, onFocus, onKey, onSelect }: DrawnNodeProps) {
  const say = useWords();
  const radius = radiusOf(node);
  const badge = on.badges?.[node.id];
  const box = { x: node.x, y: node.y, width: node.width, height: node.height };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an svg holds no button element
    <g
      className={["node", node.kind, statusOf(node, on)].filter(Boolean).join(" ")}
      role="button"
      tabIndex={isEntry ? 0 : -1}
      data-node={node.id}
      aria-label={nodeName(say, asDrawn(node), on)}
      aria-pressed={onSelect === undefined ? undefined : isSelected}
      onClick={onSelect}
      onFocus={onFocus}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          onSelect?.();
        } else onKey(event);
      }}
    >
      {node.lines.join(" ") !== node.title && <title>{node.title}</title>}
      <rect
        className="ring"
        x={node.x - RING}
        y={node.y - RING}
        width={node.width + 2 * RING}
        height={node.height + 2 * RING}
        rx={radius + RING}
      />
      {node.kind === "choose" ? (
        <path className="box" d={pointedPath(node)} />
      ) : (
        <rect className="box" {...box} rx={radius} />
      )}
      <NodeText node={node} caption={captionOf(say, node, on)} />{" "}
      {badge && <DrawnBadge node={node} badge={badge} />}
    </g>
  );
}

/** A node by what can be read of it: a title that is cut is whole in its description and in the list. */
function asDrawn(node: LayoutNode): LayoutNode {
  return { ...node, title: node.lines.join(" ") };
}

/** Kind and title; a start or join has its kind alone. */
function NodeText({ node, caption }: { node: LayoutNode; caption: string }) {
  const middle = node.x + Math.floor(node.width / 2);
  if (isPill(node)) {
    const top = node.y + Math.floor((node.height - SMALL_LINE) / 2);
    return (
      <Lines className="kind" lines={[caption]} x={middle} y={top} height={SMALL_LINE} anchor="middle" />
    );
  }
  const isMiddle = node.kind === "choose" || node.kind === "end";
  const at = { x: isMiddle ? middle : node.x + PADDING_X, anchor: isMiddle ? "middle" : "start" } as const;
  const top = node.y + PADDING_Y;
  return (
    <>
      <Lines className="kind" lines={[caption]} {...at} y={top} height={SMALL_LINE} />{" "}
      <Lines className="title" lines={node.lines} {...at} y={top + SMALL_LINE} height={TITLE_LINE} />
    </>
  );
}

/** A few words on the lower edge of a box. */
function DrawnBadge({ node, badge }: { node: LayoutNode; badge: Badge }) {
  const width = Math.ceil(badge.text.length * BADGE_LETTER) + 2 * BADGE_PADDING;
  const x = node.x + node.width - width - 8;
  const y = node.y + node.height - BADGE_HEIGHT / 2;
  return (
    <g className={`badge ${badge.tone}${badge.heat === undefined ? "" : ` heat-${badge.heat}`}`}>
      <rect x={x} y={y} width={width} height={BADGE_HEIGHT} rx={BADGE_HEIGHT / 2} />
      <text x={x + width / 2} y={y + 14} textAnchor="middle">
        {badge.text}
      </text>
    </g>
  );
}
