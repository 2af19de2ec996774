/** The layout of a drawing as `GET /v1/blueprints/{id}/versions/{n}/diagram` answers it (`diagram` in its body). */
import type { Wording } from "../wordings/told";

export type Mark = "" | "added" | "removed" | "changed";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LayoutNode {
  readonly id: string;
  /** The step drawn; empty for the start. A join carries the step of its `all`. */
  readonly step: string;
  readonly kind: string;
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly lines: readonly string[];
}

export interface LayoutLabel {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
  readonly lines: readonly string[];
  /** What the text is made of, for other languages; null where it reads the same in each. */
  readonly wording?: Wording | null | undefined;
}

export interface LayoutEdge {
  readonly source: string;
  readonly target: string;
  /** Its place among the ways out of its source, from 0. */
  readonly order: number;
  readonly is_back: boolean;
  readonly mark: Mark;
  readonly ways: readonly { readonly cause: string; readonly detail: string }[];
  readonly points: readonly Point[];
  readonly label: LayoutLabel | null;
}

/** Lengths are whole pixels from the upper left corner; nodes stand in the order of the source, the start first. */
export interface DiagramLayout {
  readonly title: string;
  readonly direction: "down" | "right";
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly LayoutEdge[];
}
