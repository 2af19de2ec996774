/** What waits now, for whom or what, and what is held: tables whose numbers open their lists. */
import { Empty, Table } from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import { labelOf } from "../instances/Shown";
import { CountLink } from "./CountLink";
import type { Figures } from "./queries";

interface Row {
  readonly key: string;
  readonly what: MessageKey;
  readonly name: string;
  readonly blueprint: string;
  readonly count: number;
  readonly href: string;
}

/** Both tables. */
export function Waiting(props: { figures: Figures; isOne: boolean; titles: ReadonlyMap<string, string> }) {
  const say = useWords();
  const { figures, isOne, titles } = props;
  const { tasks, jobs, calls, messages } = figures.waiting;
  const waiting: Row[] = [
    ...tasks.map((one) => ({ ...one, what: "overview.waits.task" as const, name: labelOf(one.step) })),
    ...jobs.map((one) => ({ ...one, what: "overview.waits.job" as const, name: one.type })),
    ...calls.map((one) => ({ ...one, what: "overview.waits.call" as const, name: one.operation })),
    ...messages.map((one) => ({ ...one, what: "overview.waits.message" as const, name: one.message })),
  ].map((one) => ({
    ...one,
    key: `${one.what} ${one.blueprint} ${one.name}`,
    blueprint: titles.get(one.blueprint) ?? one.blueprint,
  }));
  const held: Row[] = figures.incidents.map((one) => ({
    ...one,
    key: `${one.blueprint} ${one.step} ${one.code}`,
    what: "overview.waits.incident",
    name: `${one.code}, ${labelOf(one.step)}`,
    blueprint: titles.get(one.blueprint) ?? one.blueprint,
  }));
  return (
    <div className="two">
      <Counted title={say("overview.waiting")} rows={waiting} isOne={isOne} none="overview.waiting.none" />
      <Counted title={say("overview.held")} rows={held} isOne={isOne} none="overview.held.none" />
    </div>
  );
}

function Counted(props: { title: string; rows: readonly Row[]; isOne: boolean; none: MessageKey }) {
  const say = useWords();
  const { rows, isOne } = props;
  return (
    <section className="stack tight" aria-label={props.title}>
      <h2>{props.title}</h2>
      {rows.length === 0 ? (
        <Empty title={say(props.none)} />
      ) : (
        <Table
          label={props.title}
          rows={[...rows].sort((one, other) => other.count - one.count)}
          rowKey={(row) => row.key}
          columns={[
            {
              key: "name",
              title: say("overview.what"),
              heads: true,
              cell: (row) => (
                <>
                  {row.name}
                  <span className="under">
                    {isOne
                      ? say(row.what)
                      : say("overview.what.in", { what: say(row.what), blueprint: row.blueprint })}
                  </span>
                </>
              ),
            },
            {
              key: "count",
              title: say("overview.count"),
              align: "end",
              cell: (row) => <CountLink href={row.href} count={row.count} name={row.name} />,
            },
          ]}
        />
      )}
    </section>
  );
}
