/**
 * A table as a keyboard goes through it (the grid pattern of the ARIA Authoring Practices): one stop of the Tab key; up
 * and down from row to row, across from a row to its cells and to what can be pressed in them. Plain DOM: where somebody
 * is stands in the document's focus alone, so that no step of theirs draws the table again.
 */

const PRESSABLE = "a[href], button:not(:disabled), input:not(:disabled), summary, [tabindex='0']";
const TAKES_ARROWS =
  "input:not([type=checkbox]), textarea, select, [contenteditable], [role=combobox], [role=listbox]";

/** Where a key leads; null where it leads nowhere, or where it belongs to a field in a cell. */
export function whereTo(
  table: HTMLTableElement,
  at: Element,
  key: string,
  hasCtrl: boolean,
): HTMLElement | null {
  const row = at.closest<HTMLTableRowElement>("tr");
  if (row === null || at.closest(TAKES_ARROWS) !== null) return null;
  const stops = stopsOf(row);
  const place = stops.indexOf(at as HTMLElement);
  switch (key) {
    case "ArrowDown":
      return inRow(table.rows[row.rowIndex + 1], at);
    case "ArrowUp":
      return inRow(table.rows[row.rowIndex - 1], at);
    case "ArrowRight":
      return stops[(place + 1) % stops.length] ?? null;
    case "ArrowLeft":
      return stops.at(place - 1) ?? null;
    case "Home":
      return hasCtrl || at === row ? inRow(bodyOf(table)[0], at) : (stops[1] ?? null);
    case "End":
      return hasCtrl || at === row ? inRow(bodyOf(table).at(-1), at) : (stops.at(-1) ?? null);
    case "PageDown":
      return inRow(pageAway(table, row, 1), at);
    case "PageUp":
      return inRow(pageAway(table, row, -1), at);
    default:
      return null;
  }
}

/** The rows that are records. */
export function bodyOf(table: HTMLTableElement): HTMLTableRowElement[] {
  return [...(table.tBodies[0]?.rows ?? [])];
}

/** The last thing in the table that the Tab key would stop at: from there it leads out. */
export function lastStop(table: HTMLTableElement): HTMLElement | undefined {
  return [...table.querySelectorAll<HTMLElement>(PRESSABLE)].at(-1);
}

/** Whether something in a row takes presses itself, so that the row does not. */
export function isPressable(target: Element): boolean {
  return target.closest(`${PRESSABLE}, label, tr`)?.matches("tr") === false;
}

/** The row itself, where it is a record, and then cell by cell what can be pressed there, or the cell. */
function stopsOf(row: HTMLTableRowElement): HTMLElement[] {
  const cells = [...row.cells].flatMap((cell) => inCell(cell));
  return row.matches("tbody tr") ? [row, ...cells] : cells;
}

function inCell(cell: HTMLElement): HTMLElement[] {
  const inside = [...cell.querySelectorAll<HTMLElement>(PRESSABLE)];
  return inside.length > 0 ? inside : [cell];
}

/** The same column of another row; the row itself for whoever is on a row. */
function inRow(row: HTMLTableRowElement | undefined, at: Element): HTMLElement | null {
  if (row === undefined) return null;
  const column = at.closest<HTMLTableCellElement>("td, th")?.cellIndex;
  if (column === undefined && row.matches("tbody tr")) return row;
  const cell = row.cells[column ?? 0];
  return cell === undefined ? null : (inCell(cell)[0] ?? null);
}

/** The record about a window's height away, or the last one on the way. */
function pageAway(
  table: HTMLTableElement,
  row: HTMLTableRowElement,
  way: 1 | -1,
): HTMLTableRowElement | undefined {
  const rows = bodyOf(table);
  const far = Math.max(1, Math.floor(window.innerHeight / Math.max(1, row.offsetHeight)) - 2);
  const place = rows.indexOf(row) + way * far;
  return rows[Math.min(rows.length - 1, Math.max(0, place))];
}
