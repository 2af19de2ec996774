/** The list of tasks: one row each, with when it is due and who has it; several can be ticked. */
import { type ColumnOf, Table, Tag, Time, useNow, visible } from "../../design";
import { type Say, useFormats, useWords } from "../../i18n";
import { DueText, Stopped } from "./Stopped";
import type { Listed } from "./tasks";
import { label, shutWords } from "./value_text";

export interface TaskListProps {
  rows: readonly Listed[];
  current: string | undefined;
  /** The address of a task, with the filters of this list. */
  href: (id: string) => string;
  isDone: boolean;
  /** Those that are ticked, where rows can be. */
  ticked?: ReadonlySet<string> | undefined;
  onTick: (ticked: ReadonlySet<string>) => void;
}

/** The rows. */
export function TaskList({ rows, current, href, isDone, ticked, onTick }: TaskListProps) {
  const say = useWords();
  const formats = useFormats();
  const zone = formats.zoneName(useNow());
  return (
    <Table
      label={say("inbox.tasks")}
      columns={columns(say, zone, isDone)}
      rows={rows}
      rowKey={(row) => row.id}
      href={(row) => href(row.id)}
      current={current}
      {...(ticked === undefined ? {} : { ticked, onTick })}
    />
  );
}

function columns(say: Say, zone: string, isDone: boolean): readonly ColumnOf<Listed>[] {
  const task: ColumnOf<Listed> = {
    key: "task",
    title: say("inbox.column.task"),
    heads: true,
    cell: (row) => (
      <>
        {label(row.title)}
        <span className="under">
          {say(row.kind === "decide" ? "inbox.kind.decide" : "inbox.kind.task", {
            blueprint: visible(row.blueprint_title),
          })}
        </span>
      </>
    ),
  };
  const instance: ColumnOf<Listed> = {
    key: "case",
    title: say("inbox.column.case"),
    cell: (row) => (
      <>
        {typeof row.business_key === "string" ? (
          <span className="key">{visible(row.business_key)}</span>
        ) : (
          <Tag icon="lock">{shutWords(say, { ...row.business_key }) ?? ""}</Tag>
        )}
        {row.test && <span className="under">{say("inbox.test")}</span>}
      </>
    ),
  };
  if (isDone) {
    return [
      task,
      instance,
      { key: "outcome", title: say("inbox.column.outcome"), cell: (row) => label(row.outcome) },
      {
        key: "closed",
        title: say("inbox.column.closed", { zone }),
        cell: (row) => row.closed_at !== null && <Time at={row.closed_at} zone={false} />,
      },
    ];
  }
  return [
    task,
    instance,
    {
      key: "due",
      title: say("inbox.column.due", { zone }),
      cell: (row) => (
        <>
          <DueText due={row.due_at} stopped={row.stopped} zone={false} />
          {row.stopped !== null && (
            <span className="under">
              <Stopped stopped={row.stopped} zone={false} />
            </span>
          )}
          {row.urgency > 0 && <span className="under">{say("inbox.urgency", { urgency: row.urgency })}</span>}
        </>
      ),
    },
    { key: "who", title: say("inbox.column.who"), cell: (row) => <Who row={row} /> },
  ];
}

/** Who has it, or to whom it is offered; and whether this person is kept from it. */
function Who({ row }: { row: Listed }) {
  const say = useWords();
  return (
    <>
      {row.is_mine && say("inbox.who.me")}
      {!row.is_mine &&
        (row.holder === ""
          ? say(row.role === "" ? "inbox.who.authority" : "inbox.who.role", { who: row.offered_to })
          : row.holder_name)}
      {row.barred != null && (
        <span className="under">
          <Tag icon="lock">{say("inbox.barred")}</Tag>
        </span>
      )}
    </>
  );
}
