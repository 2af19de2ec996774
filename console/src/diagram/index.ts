/** Drawings and words of blueprints. */
export { Diagram, type DiagramProps } from "./Diagram";
export type { DiagramLayout, LayoutEdge, LayoutNode, Mark } from "./layout";
export type { Badge, Heat, NodeStatus } from "./node_words";
export { Words } from "./Words";
