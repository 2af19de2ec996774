/**
 * Tables: walked with the arrow keys, a row per record, a card per record on a narrow page. Drawn by plain elements with
 * one listener of each kind on the whole, since a list is the largest thing that most screens draw.
 */
import { type KeyboardEvent, type MouseEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useWords } from "../../i18n";
import { type Going, useGoing } from "../going";
import { bodyOf, isPressable, lastStop, whereTo } from "../grid_keys";
import { seen } from "../visible";
import { Icon } from "./Icon";
import "./choice.css";
import "./table.css";

export interface ColumnOf<R> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: R) => ReactNode;
  /** Numbers and money end-aligned, so that digits stand below each other. */
  readonly align?: "start" | "end";
  /** The column that names the row for screen readers and heads its card. The first, unless one says so. */
  readonly heads?: boolean;
  readonly sortable?: boolean;
}

/** How rows are sorted: the key of a column, and whether largest or latest come first. */
export interface Sorting {
  readonly key: string;
  readonly descending: boolean;
}

export interface TableProps<R> {
  /** What the table lists, for screen readers: the heading above it, usually. */
  label: string;
  columns: readonly ColumnOf<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  /** Where a row leads; Enter and a click anywhere on the row go there. */
  href?: ((row: R) => string) | undefined;
  /** What a click or Enter on a row does, where it leads to no address. */
  onOpen?: ((key: string) => void) | undefined;
  /** The row whose details stand beside the table. */
  current?: string | undefined;
  sort?: Sorting | undefined;
  onSort?: ((sort: Sorting) => void) | undefined;
  /** Ticked rows, with a box before each; leave out where nothing is done to many at once. */
  ticked?: ReadonlySet<string> | undefined;
  onTick?: ((keys: ReadonlySet<string>) => void) | undefined;
}

const NONE: ReadonlySet<string> = new Set();

// Stated although the elements have them: cards are no table to look at, and browsers then forget what was one.
const [GROUP, ROW, CELL] = [{ role: "rowgroup" }, { role: "row" }, { role: "gridcell" }] as const;
const [ROW_HEADER, COLUMN_HEADER] = [{ role: "rowheader" }, { role: "columnheader" }] as const;

/** A table of records. Sorting and paging are the server's: it tells what is wanted and shows what it is given. */
export function Table<R extends object>(props: TableProps<R>) {
  const { ref, ...focus } = useStanding();
  const on = listenersOf(props, useGoing());
  return (
    <table
      ref={ref}
      className="table"
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: walked with the arrow keys, which is a grid
      role="grid"
      aria-label={props.label}
      aria-multiselectable={props.ticked === undefined ? undefined : true}
      tabIndex={0}
      {...focus}
      {...on}
    >
      <Head {...props} />
      <Body {...props} />
    </table>
  );
}

/** The titles; those that sort say how the rows stand, and sort when they are pressed. */
function Head<R extends object>({ columns, rows, rowKey, sort, ticked, onTick }: TableProps<R>) {
  const say = useWords();
  return (
    <thead {...GROUP}>
      <tr {...ROW}>
        {ticked !== undefined && (
          <th {...COLUMN_HEADER} className="ticks" scope="col" tabIndex={-1}>
            <Tick
              label={say("table.tick-all")}
              isTicked={rows.length > 0 && rows.every((row) => ticked.has(rowKey(row)))}
              isSome={rows.some((row) => ticked.has(rowKey(row)))}
              onChange={(to) => onTick?.(new Set(to ? rows.map(rowKey) : []))}
            />
          </th>
        )}
        {columns.map((column) => {
          const sorted = column.sortable && sort?.key === column.key ? direction(sort) : undefined;
          return (
            <th
              key={column.key}
              {...COLUMN_HEADER}
              scope="col"
              className={`column ${column.align ?? "start"}${column.sortable ? " sorts" : ""}`}
              aria-sort={column.sortable ? (sorted ?? "none") : undefined}
              data-column={column.sortable ? column.key : undefined}
              tabIndex={-1}
            >
              <span className="column-title">
                {column.title}
                {sorted && <Icon name={sorted === "ascending" ? "up" : "down"} />}
              </span>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

/** A row for each record, named by the cell that heads it. */
function Body<R extends object>(props: TableProps<R>) {
  const say = useWords();
  const id = useId();
  const { columns, rows, rowKey, ticked, onTick } = props;
  const head = columns.find((column) => column.heads) ?? columns[0];
  const opens = props.href !== undefined || props.onOpen !== undefined || ticked !== undefined;
  return (
    <tbody {...GROUP}>
      {rows.map((row, at) => {
        const key = rowKey(row);
        const isTicked = ticked?.has(key);
        return (
          <tr
            key={key}
            {...ROW}
            data-key={key}
            className={`table-row${opens ? " opens" : ""}${key === props.current ? " current" : ""}`}
            aria-labelledby={`${id}-${at}`}
            aria-selected={isTicked}
            tabIndex={-1}
          >
            {isTicked !== undefined && (
              <td {...CELL} className="ticks" tabIndex={-1}>
                <Tick
                  label={say("table.tick")}
                  by={`${id}-${at}`}
                  isTicked={isTicked}
                  onChange={() => onTick?.(turned(ticked ?? NONE, key))}
                />
              </td>
            )}
            {columns.map((column) => {
              const isHead = column === head;
              const Cell = isHead ? "th" : "td";
              return (
                <Cell
                  key={column.key}
                  {...(isHead ? ROW_HEADER : CELL)}
                  id={isHead ? `${id}-${at}` : undefined}
                  scope={isHead ? "row" : undefined}
                  className={`cell ${column.align ?? "start"}${isHead ? " heads" : ""}`}
                  data-title={column.title}
                  tabIndex={-1}
                >
                  {seen(column.cell(row))}
                </Cell>
              );
            })}
          </tr>
        );
      })}
    </tbody>
  );
}

interface TickProps {
  label: string;
  /** The element that names the row. */
  by?: string;
  isTicked: boolean;
  isSome?: boolean;
  onChange: (to: boolean) => void;
}

/** The box before a row, and the one in the head that ticks all. */
function Tick({ label, by, isTicked, isSome = false, onChange }: TickProps) {
  const id = useId();
  const isMixed = isSome && !isTicked;
  return (
    <label className="choice" data-selected={isTicked || undefined} data-indeterminate={isMixed || undefined}>
      <input
        ref={(box) => {
          if (box !== null) box.indeterminate = isMixed;
        }}
        type="checkbox"
        className="visually-hidden"
        aria-labelledby={by === undefined ? id : `${id} ${by}`}
        checked={isTicked}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="choice-box" aria-hidden="true" />
      <span className="visually-hidden" id={id}>
        {label}
      </span>
    </label>
  );
}

/**
 * Where somebody is in the table. The Tab key stops at it once, at the row where they were; when that row goes, because
 * what it lists was done, they are on the one that took its place.
 */
function useStanding() {
  const ref = useRef<HTMLTableElement>(null);
  const last = useRef({ row: 0, key: "", isIn: false, isLeaving: false });
  useLayoutEffect(() => {
    const { isIn, row, key } = last.current;
    if (!isIn || ref.current === null || document.activeElement !== document.body) return;
    const body = bodyOf(ref.current);
    if (!body.some((one) => one.dataset.key === key)) body[Math.min(row, body.length - 1)]?.focus();
  });
  return {
    ref,
    onFocus: ({ target, currentTarget: table }: { target: Element; currentTarget: HTMLTableElement }) => {
      const body = bodyOf(table);
      const { key, isLeaving } = last.current;
      if (isLeaving || !table.contains(target)) return;
      if (target === table) {
        (body.find((one) => one.dataset.key === key) ?? body[0])?.focus();
        return;
      }
      const row = target.closest<HTMLTableRowElement>("tbody tr");
      last.current.isIn = true;
      if (row !== null) Object.assign(last.current, { row: body.indexOf(row), key: row.dataset.key });
    },
    onBlur: ({ relatedTarget }: { relatedTarget: EventTarget | null }) => {
      last.current.isIn = ref.current?.contains(relatedTarget as Node | null) ?? false;
    },
    /** Before the listeners below it: the Tab key leads past all that is in the table. */
    onKeyDownCapture: ({ key, shiftKey, currentTarget: table, target }: KeyboardEvent<HTMLTableElement>) => {
      if (key !== "Tab" || target === table || !table.contains(target as Node)) return;
      last.current.isLeaving = true;
      (shiftKey ? table : lastStop(table))?.focus({ preventScroll: true });
      last.current.isLeaving = false;
    },
  };
}

/** What presses and keys do, wherever in the table they fall. */
function listenersOf<R extends object>(props: TableProps<R>, going: Going) {
  const { rows, rowKey, ticked, onTick } = props;
  const tick = (key: string) => ticked && onTick?.(turned(ticked, key));
  const open = (key: string, isApart: boolean) => {
    const record = rows.find((row) => rowKey(row) === key);
    if (props.href === undefined || record === undefined) props.onOpen?.(key);
    else if (isApart) window.open(going.addressOf(props.href(record)), "_blank", "noopener");
    else going.go(props.href(record));
  };
  const press = (target: Element, isApart: boolean) => {
    const column = target.closest<HTMLElement>("[data-column]")?.dataset.column;
    const key = target.closest<HTMLElement>("tbody tr")?.dataset.key;
    if (column !== undefined) props.onSort?.(sortedBy(column, props.sort));
    else if (key === undefined) return;
    // While some are ticked a row is one more to tick, as in any list of the kind.
    else if (ticked !== undefined && (ticked.size > 0 || !(props.href || props.onOpen))) tick(key);
    else open(key, isApart);
  };
  return {
    onClick: (event: MouseEvent<HTMLTableElement>) => {
      const target = event.target as Element;
      if (event.defaultPrevented || !event.currentTarget.contains(target)) return;
      if (!isPressable(target)) press(target, event.ctrlKey || event.metaKey);
    },
    onKeyDown: (event: KeyboardEvent<HTMLTableElement>) => {
      const { target, currentTarget: table, key, ctrlKey, metaKey } = event;
      // What opened from a cell is elsewhere in the document, and its keys are its own.
      if (event.defaultPrevented || event.altKey || !(target instanceof HTMLElement)) return;
      if (!table.contains(target)) return;
      const to = whereTo(table, target, key, ctrlKey || metaKey);
      const isOwn = target.matches("tbody tr, [data-column]");
      if (to !== null) to.focus();
      else if (key === "Enter" && isOwn) press(target, ctrlKey || metaKey);
      else if (key === " " && isOwn && target.dataset.column !== undefined) press(target, false);
      else if (key === " " && isOwn && ticked !== undefined) tick(target.dataset.key ?? "");
      else if (key === "a" && (ctrlKey || metaKey) && ticked !== undefined)
        onTick?.(new Set(rows.map(rowKey)));
      else if (key === "Escape" && ticked !== undefined && ticked.size > 0) onTick?.(new Set());
      else return;
      event.preventDefault();
    },
  };
}

/** What is wanted when the title of a column is pressed: the other way round where it sorts already. */
function sortedBy(key: string, sort: Sorting | undefined): Sorting {
  return { key, descending: sort?.key === key && !sort.descending };
}

function direction(sort: Sorting): "ascending" | "descending" {
  return sort.descending ? "descending" : "ascending";
}

function turned(ticked: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const turned = new Set(ticked);
  if (!turned.delete(key)) turned.add(key);
  return turned;
}
