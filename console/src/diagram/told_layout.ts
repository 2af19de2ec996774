/** A drawing in the reader's language: each label in its words, in a box of its own size where the other one was. */
import type { Told } from "../design/told";
import type { DiagramLayout, LayoutEdge, LayoutLabel } from "./layout";
import { textWidth, wrapped } from "./text_measure";

// As the server measured text: see versioning/layout.py.
const [SMALL_SIZE, SMALL_LINE, LINES_MAX, WIDTH_MAX, PADDING_X, PADDING_Y] = [12, 16, 4, 148, 6, 2];

/** The layout with its labels told; whatever else is drawn stays where it is. */
export function toldLayout<Drawn extends DiagramLayout>(layout: Drawn, told: Told): Drawn {
  return { ...layout, edges: layout.edges.map((edge) => toldEdge(edge, told)) };
}

function toldEdge(edge: LayoutEdge, told: Told): LayoutEdge {
  const { label } = edge;
  const text = label === null ? "" : told(label.text, label.wording);
  return label === null || text === label.text ? edge : { ...edge, label: sized(label, text) };
}

/** A label around the middle of the one the server drew. */
function sized(label: LayoutLabel, text: string): LayoutLabel {
  const lines = wrapped(text, SMALL_SIZE, WIDTH_MAX, LINES_MAX);
  const widest = Math.max(...lines.map((line) => textWidth(line, SMALL_SIZE))) + 2 * PADDING_X;
  const width = widest + (widest % 2);
  const height = SMALL_LINE * lines.length + 2 * PADDING_Y;
  const x = label.x + Math.floor((label.width - width) / 2);
  const y = label.y + Math.floor((label.height - height) / 2);
  return { ...label, x, y, width, height, text, lines };
}
