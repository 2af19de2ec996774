/** Where a change changes something: the steps to look at one after another. No React in here. */
import type { Told } from "../../design/told";
import type { DiagramLayout } from "../../diagram";
import { readingOrder } from "../../diagram/walk";
import type { FieldRow } from "./reading";

export type What = "added" | "removed" | "changed";

/** A step that is added, removed or changed. `step` is empty for what concerns the whole blueprint: at its start. */
export interface Marked {
  readonly node: string;
  readonly step: string;
  readonly title: string;
  readonly what: What;
}

/** Every step with a mark or a row of its own, in the order one reads the drawing. A step that only leads elsewhere
 * is changed as well. */
export function markedSteps(layout: DiagramLayout, rows: readonly FieldRow[]): readonly Marked[] {
  const withRows = new Set(rows.map((row) => row.step));
  return readingOrder(layout).flatMap((node): Marked[] => {
    if (node.kind === "join") return [];
    const what = node.mark !== "" ? node.mark : withRows.has(node.step) ? "changed" : null;
    return what === null ? [] : [{ node: node.id, step: node.step, title: node.title, what }];
  });
}

/** How many there are of each. */
export function countsOf(marked: readonly Marked[]): Readonly<Record<What, number>> {
  const counted = { added: 0, removed: 0, changed: 0 };
  for (const one of marked) counted[one.what] += 1;
  return counted;
}

/** The one after (`by` 1) or before (`by` -1) the selected one, round and round; the first where none is selected. */
export function beside(marked: readonly Marked[], node: string | null, by: 1 | -1): Marked | undefined {
  const at = marked.findIndex((one) => one.node === node);
  if (at === -1) return by === 1 ? marked[0] : marked.at(-1);
  return marked[(at + by + marked.length) % marked.length];
}

/** Rows as a comparison of fields shows them; an empty side is nothing. Rows that say the same are told once. */
export function changesOf(rows: readonly FieldRow[], told: Told) {
  const seen = new Set<string>();
  return rows.flatMap((row) => {
    const key = JSON.stringify([row.field, row.before, row.after]);
    if (seen.has(key)) return [];
    seen.add(key);
    const before = told(row.before, row.before_wording);
    const after = told(row.after, row.after_wording);
    return [{ field: told(row.field, row.field_wording), before: before || null, after: after || null }];
  });
}

/** A line of a unified difference: its numbers on either side, null where it is not there. */
export interface DiffLine {
  readonly kind: "same" | "added" | "removed" | "gap";
  readonly before: number | null;
  readonly after: number | null;
  readonly text: string;
}

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified difference; `gap` stands between two places. */
export function diffLines(unified: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [before, after, isInside] = [0, 0, false];
  for (const line of unified === "" ? [] : unified.split("\n")) {
    const hunk = HUNK.exec(line);
    if (hunk !== null) {
      if (isInside) lines.push({ kind: "gap", before: null, after: null, text: "" });
      [before, after, isInside] = [Number(hunk[1]), Number(hunk[2]), true];
    } else if (isInside) {
      const text = line.slice(1);
      if (line.startsWith("+")) lines.push({ kind: "added", before: null, after: after++, text });
      else if (line.startsWith("-")) lines.push({ kind: "removed", before: before++, after: null, text });
      else lines.push({ kind: "same", before: before++, after: after++, text });
    }
  }
  return lines;
}

/** The line of a place `line:column`, from 1; null where it names none. */
export function lineOf(location: string): number | null {
  const found = /^(\d+):\d+$/.exec(location);
  return found === null ? null : Number(found[1]);
}
