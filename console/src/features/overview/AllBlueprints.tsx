/** Every blueprint with what waits in it; idle ones stay in the list. */
import { Link } from "react-router";
import type { components } from "../../api/schema";
import { Empty, Table, Tag } from "../../design";
import { useWords } from "../../i18n";
import { CountLink } from "./CountLink";
import type { Figures } from "./queries";

export type BlueprintListed = components["schemas"]["ArtefactListed"];

interface Row {
  readonly blueprint: BlueprintListed;
  readonly tasks: number;
  readonly incidents: number;
}

/** The table. */
export function AllBlueprints(props: {
  blueprints: readonly BlueprintListed[] | undefined;
  figures: Figures;
}) {
  const say = useWords();
  const rows: Row[] = (props.blueprints ?? namedIn(props.figures)).map((blueprint) => ({
    blueprint,
    tasks: sumOf(props.figures.waiting.tasks, blueprint.name),
    incidents: sumOf(props.figures.incidents, blueprint.name),
  }));
  if (rows.length === 0)
    return <Empty title={say("overview.no-blueprints")}>{say("overview.no-blueprints.next")}</Empty>;
  return (
    <section className="stack tight" aria-labelledby="blueprints-title">
      <h2 id="blueprints-title">{say("overview.blueprints")}</h2>
      <Table
        label={say("overview.blueprints")}
        rows={rows}
        rowKey={(row) => row.blueprint.name}
        columns={[
          {
            key: "name",
            title: say("instances.filter.blueprint"),
            heads: true,
            cell: (row) => (
              <>
                <Link to={`/overview?blueprint=${encodeURIComponent(row.blueprint.name)}`}>
                  {row.blueprint.title}
                </Link>{" "}
                {row.blueprint.retired && <Tag>{say("overview.retired")}</Tag>}
                <span className="under">
                  {row.blueprint.version > 0 &&
                    say("overview.version", { version: row.blueprint.version, owner: row.blueprint.owner })}
                </span>
              </>
            ),
          },
          {
            key: "tasks",
            title: say("overview.tasks"),
            align: "end",
            cell: (row) => (
              <CountLink
                href={`/v1/tasks?blueprint=${encodeURIComponent(row.blueprint.name)}`}
                count={row.tasks}
              />
            ),
          },
          {
            key: "incidents",
            title: say("overview.card.incidents"),
            align: "end",
            cell: (row) => (
              <CountLink
                href={`/v1/incidents?blueprint=${encodeURIComponent(row.blueprint.name)}`}
                count={row.incidents}
              />
            ),
          },
        ]}
      />
    </section>
  );
}

/** Those the figures name, for a person whose roles do not list blueprints. */
function namedIn({ waiting, incidents }: Figures): BlueprintListed[] {
  const { tasks, jobs, calls, messages } = waiting;
  const names = [...tasks, ...jobs, ...calls, ...messages, ...incidents].map((one) => one.blueprint);
  return [...new Set(names)].sort().map((name) => ({
    kind: "blueprint",
    name,
    version: 0,
    digest: "",
    title: name,
    owner: "",
    retired: false,
    released_at: 0,
  }));
}

function sumOf(figures: readonly { blueprint: string; count: number }[], name: string): number {
  return figures.filter((one) => one.blueprint === name).reduce((sum, one) => sum + one.count, 0);
}
