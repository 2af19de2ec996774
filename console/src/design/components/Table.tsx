/** Tables: walked with the arrow keys, a row per record, a card per record on a narrow page. */
import type { ReactNode } from "react";
import {
  Table as AriaTable,
  Cell,
  CheckboxButton,
  CheckboxField,
  Column,
  Row,
  type Selection,
  TableBody,
  TableHeader,
} from "react-aria-components";
import { useWords } from "../../i18n";
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

/** A table of records. Sorting and paging are the server's: it tells what is wanted and shows what it is given. */
export function Table<R extends object>(props: TableProps<R>) {
  const { columns, rows, rowKey, sort, onSort, ticked, onTick } = props;
  const hasTicks = ticked !== undefined;
  const head = columns.find((column) => column.heads) ?? columns[0];
  return (
    <AriaTable
      className="table"
      aria-label={props.label}
      selectionMode={hasTicks ? "multiple" : "none"}
      {...(hasTicks
        ? { selectedKeys: ticked, onSelectionChange: (keys) => onTick?.(all(keys, rows, rowKey)) }
        : {})}
      {...(sort ? { sortDescriptor: { column: sort.key, direction: direction(sort) } } : {})}
      {...(onSort
        ? {
            onSortChange: (to) =>
              onSort({ key: String(to.column), descending: to.direction === "descending" }),
          }
        : {})}
      {...(props.onOpen ? { onRowAction: (key) => props.onOpen?.(String(key)) } : {})}
    >
      <TableHeader>
        {hasTicks && (
          <Column className="ticks">
            <Tick />
          </Column>
        )}
        {columns.map((column) => (
          <Column
            key={column.key}
            id={column.key}
            className={`column ${column.align ?? "start"}`}
            isRowHeader={column === head}
            allowsSorting={column.sortable ?? false}
          >
            {({ allowsSorting, sortDirection }) => (
              <span className="column-title">
                {column.title}
                {allowsSorting && sortDirection && (
                  <Icon name={sortDirection === "ascending" ? "up" : "down"} />
                )}
              </span>
            )}
          </Column>
        ))}
      </TableHeader>
      <TableBody>
        {rows.map((row) => (
          <Row
            key={rowKey(row)}
            id={rowKey(row)}
            className={`table-row${rowKey(row) === props.current ? " current" : ""}`}
            {...(props.href ? { href: props.href(row) } : {})}
          >
            {hasTicks && (
              <Cell className="ticks">
                <Tick />
              </Cell>
            )}
            {columns.map((column) => (
              <Cell
                key={column.key}
                className={`cell ${column.align ?? "start"}${column === head ? " heads" : ""}`}
                data-title={column.title}
              >
                {seen(column.cell(row))}
              </Cell>
            ))}
          </Row>
        ))}
      </TableBody>
    </AriaTable>
  );
}

/** The box before a row, and the one in the head that ticks all. */
function Tick() {
  const say = useWords();
  return (
    <CheckboxField slot="selection">
      <CheckboxButton className="choice">
        <span className="choice-box" aria-hidden="true" />
        <span className="visually-hidden">{say("table.tick")}</span>
      </CheckboxButton>
    </CheckboxField>
  );
}

function direction(sort: Sorting): "ascending" | "descending" {
  return sort.descending ? "descending" : "ascending";
}

function all<R>(keys: Selection, rows: readonly R[], rowKey: (row: R) => string): ReadonlySet<string> {
  return keys === "all" ? new Set(rows.map(rowKey)) : new Set([...keys].map(String));
}
