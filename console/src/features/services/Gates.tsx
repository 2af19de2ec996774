/** What has to let an agent's answer through, at each step that asks it. */
import { Link } from "react-router";
import { Table, visible } from "../../design";
import { useWords } from "../../i18n";
import type { Agent } from "./queries";

type Gate = NonNullable<Agent["gates"]>[number];

/** A row for each step, a column for each kind of gate; what a step has none of says so. */
export function Gates({ gates }: { gates: readonly Gate[] }) {
  const say = useWords();
  const or = (text: string | null, isCode: boolean) =>
    text === null ? (
      <span className="muted">{say("agents.gates.no")}</span>
    ) : (
      <span className={isCode ? "mono" : ""}>{visible(text)}</span>
    );
  return (
    <Table
      label={say("agents.gates")}
      rows={gates}
      rowKey={(row) => `${row.blueprint} ${row.step} ${row.asked_as}`}
      columns={[
        {
          key: "step",
          title: say("agents.gates.step"),
          heads: true,
          cell: (row) => (
            <>
              <Link to={`/blueprints/${row.blueprint}/v/${row.version}`}>{visible(row.step_title)}</Link>
              <span className="under">{visible(row.blueprint_title)}</span>
              <span className="under">{say(`agents.gates.asked.${row.asked_as}`)}</span>
            </>
          ),
        },
        {
          key: "form",
          title: say("agents.gates.form"),
          cell: (row) => (
            <>
              {say("agents.gates.form.has", { count: row.members.length, required: row.required.length })}
              <span className="under mono">{row.members.map(visible).join(", ")}</span>
            </>
          ),
        },
        { key: "table", title: say("agents.gates.table"), cell: (row) => or(row.table, true) },
        { key: "condition", title: say("agents.gates.condition"), cell: (row) => or(row.condition, true) },
        { key: "judge", title: say("agents.gates.judge"), cell: (row) => or(row.judge, true) },
        {
          key: "sample",
          title: say("agents.gates.sample"),
          cell: (row) =>
            or(
              row.sample_per_cent &&
                say("agents.gates.sample.share", { share: String(Number(row.sample_per_cent)) }),
              false,
            ),
        },
        { key: "review", title: say("agents.gates.review"), cell: (row) => visible(row.review_by) },
      ]}
    />
  );
}
