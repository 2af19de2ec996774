/** The drawing of a blueprint: a group of buttons that arrow keys walk along the flow, and the same as a list. */
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { useTold } from "../design/told";
import { useFormats, useWords } from "../i18n";
import { DrawnEdge, DrawnLabel } from "./DrawnEdge";
import { DrawnNode } from "./DrawnNode";
import type { DiagramLayout } from "./layout";
import { isWhole } from "./lines";
import { leadsTo, nodeName, type OnNodes } from "./node_words";
import { toldLayout } from "./told_layout";
import { moveOf, readingOrder, walk } from "./walk";
import "./diagram.css";

export interface DiagramProps extends OnNodes {
  layout: DiagramLayout;
  /** The id of the selected node. */
  selected?: string | null | undefined;
  /** Told the id of a node that is pressed; without it, the nodes can be walked but not selected. */
  onSelect?: ((id: string) => void) | undefined;
}

/** The drawing at 100 %; a wide one scrolls in its own frame, never the page. */
export function Diagram({ layout: drawn, selected = null, onSelect, statuses, badges }: DiagramProps) {
  const say = useWords();
  const layout = toldLayout(drawn, useTold());
  const drawing = useRef<SVGSVGElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [visited, setVisited] = useState<string | null>(null);
  const helpId = useId();
  const on: OnNodes = { statuses, badges };
  const isThere = (id: string | null) => id !== null && layout.nodes.some((node) => node.id === id);
  const entry = [visited, selected].find(isThere) ?? layout.nodes[0]?.id;
  const shownFirst = layout.nodes.find((node) => node.id === entry);
  const middle = shownFirst === undefined ? 0 : shownFirst.x + shownFirst.width / 2;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another drawing may move the frame under a person
  useLayoutEffect(() => {
    if (frame.current !== null) frame.current.scrollLeft = middle - frame.current.clientWidth / 2;
  }, [layout.title, layout.width]);
  const onKey = (event: KeyboardEvent, id: string) => {
    const move = moveOf(event.key, layout.direction);
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = walk(layout, id, move);
    setVisited(next);
    const target = drawing.current?.querySelector<SVGGElement>(`[data-node="${CSS.escape(next)}"]`);
    target?.focus();
    target?.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const ordered = [...layout.edges].sort((one, other) => Number(isWhole(one)) - Number(isWhole(other)));
  return (
    <figure className="diagram">
      <div className="diagram-frame" ref={frame}>
        {/* biome-ignore lint/a11y/useSemanticElements: an svg is no fieldset */}
        <svg
          ref={drawing}
          role="group"
          aria-label={say("diagram.label", { title: layout.title })}
          aria-describedby={helpId}
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          {ordered.map((edge) => (
            <DrawnEdge key={`${edge.source} ${edge.target} ${edge.order}`} edge={edge} />
          ))}
          {layout.edges.map((edge) => (
            <DrawnLabel key={`${edge.source} ${edge.target} ${edge.order}`} edge={edge} />
          ))}
          {layout.nodes.map((node) => (
            <DrawnNode
              key={node.id}
              node={node}
              on={on}
              isSelected={node.id === selected}
              isEntry={node.id === entry}
              onFocus={() => setVisited(node.id)}
              onKey={(event) => onKey(event, node.id)}
              onSelect={onSelect && (() => onSelect(node.id))}
            />
          ))}
        </svg>
      </div>
      <figcaption className="visually-hidden" id={helpId}>
        {say("diagram.help")}
      </figcaption>
      <DiagramList layout={layout} statuses={statuses} badges={badges} />
    </figure>
  );
}

/** The drawing as a list, for screen readers: each step, what is said of it, and where it leads. */
function DiagramList({ layout, ...on }: OnNodes & { layout: DiagramLayout }) {
  const say = useWords();
  const { locale } = useFormats();
  return (
    <ol className="visually-hidden" aria-label={say("diagram.list", { title: layout.title })}>
      {readingOrder(layout).map((node) => (
        <li key={node.id}>
          {nodeName(say, node, on)}. {leadsTo(say, node, layout, locale)}
        </li>
      ))}
    </ol>
  );
}
