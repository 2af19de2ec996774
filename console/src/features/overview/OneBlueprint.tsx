/** One blueprint: what waits at each step, on its drawing and as a table beside it, the worst step in words. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { Icon, QueryView, Table } from "../../design";
import { type Badge, Diagram } from "../../diagram";
import { type Say, useFormats, useWords } from "../../i18n";
import { placeOf } from "../../shell/filters";
import { drawingQuery } from "../instances/queries";
import type { BlueprintListed } from "./AllBlueprints";
import { type Figures, heatOf, worstOf } from "./queries";

type Drawn =
  NonNullable<ReturnType<typeof drawingQuery>["queryFn"]> extends (...given: never[]) => infer A
    ? Awaited<A>
    : never;
type StepFigure = NonNullable<Figures["waiting"]["steps"]>[number];

const FEW = 4; // instances: below that a step is not hot, however few others have

/** The drawing of the newest version, and the table. */
export default function OneBlueprint({
  blueprint,
  figures,
}: {
  blueprint: BlueprintListed;
  figures: Figures;
}) {
  const say = useWords();
  const drawing = useQuery(drawingQuery(blueprint.name, blueprint.version));
  return (
    <section className="stack" aria-labelledby="steps-title">
      <h2 id="steps-title">{say("overview.steps", { version: blueprint.version })}</h2>
      <QueryView query={drawing} lines={8}>
        {(drawn) => (
          <>
            <Worst drawn={drawn} figures={figures} />
            <p className="muted small">{say("overview.heat")}</p>
            <div className="split">
              <Diagram layout={drawn.diagram} badges={badgesOf(say, drawn, figures)} />
              <Steps drawn={drawn} steps={figures.waiting.steps ?? []} />
            </div>
          </>
        )}
      </QueryView>
    </section>
  );
}

function titleOf(drawn: Drawn, step: string): string {
  return drawn.diagram.nodes.find((node) => node.step === step && node.kind !== "join")?.title ?? step;
}

/** The step to look at first, in words, with the way to its instances. */
function Worst({ drawn, figures }: { drawn: Drawn; figures: Figures }) {
  const say = useWords();
  const worst = worstOf(figures);
  if (worst === undefined) return <p className="muted">{say("overview.nothing-waits")}</p>;
  const { count, overdue } = worst;
  const href = placeOf(overdue > 0 ? `${worst.href}&overdue=1` : worst.href);
  return (
    <p className={overdue > 0 ? "worst bad" : "worst"}>
      <Icon name={overdue > 0 ? "warning" : "info"} />
      <span>
        {say(overdue > 0 ? "overview.worst.overdue" : "overview.worst.waiting", {
          step: titleOf(drawn, worst.step),
          count,
          overdue,
        })}{" "}
        <Link to={href}>{say("overview.worst.open", { count: overdue > 0 ? overdue : count })}</Link>
      </span>
    </p>
  );
}

function badgesOf(say: Say, drawn: Drawn, figures: Figures): Record<string, Badge> {
  const byStep = new Map((figures.waiting.steps ?? []).map((one) => [one.step, one]));
  const most = Math.max(FEW, ...[...byStep.values()].map((one) => one.count));
  const found: Record<string, Badge> = {};
  for (const node of drawn.diagram.nodes) {
    const step = node.kind === "join" ? undefined : byStep.get(node.step);
    if (step === undefined) continue;
    const { count, overdue } = step;
    const heat = heatOf(count, most);
    found[node.id] =
      overdue > 0
        ? { text: say("overview.badge.overdue", { count, overdue }), tone: "bad", heat }
        : { text: say("overview.badge.waiting", { count }), tone: "soon", heat };
  }
  return found;
}

/** The same as a table: each number opens its list. Steps of earlier versions at which something waits are in it. */
function Steps({ drawn, steps }: { drawn: Drawn; steps: readonly StepFigure[] }) {
  const say = useWords();
  const formats = useFormats();
  const drawnSteps = drawn.diagram.nodes.filter(
    (node) => node.step !== "" && node.kind !== "join" && node.kind !== "end",
  );
  const names = new Set([...drawnSteps.map((node) => node.step), ...steps.map((one) => one.step)]);
  const rows = [...names].map((step) => ({
    step,
    figure: steps.find((one) => one.step === step),
    isDrawn: drawnSteps.some((node) => node.step === step),
  }));
  return (
    <Table
      label={say("overview.steps.table")}
      rows={rows}
      rowKey={(row) => row.step}
      columns={[
        {
          key: "step",
          title: say("instances.column.steps"),
          heads: true,
          cell: (row) => (
            <>
              {titleOf(drawn, row.step)}
              {!row.isDrawn && <span className="under">{say("overview.earlier")}</span>}
            </>
          ),
        },
        {
          key: "count",
          title: say("overview.here"),
          align: "end",
          cell: (row) =>
            row.figure === undefined ? (
              <span className="muted">0</span>
            ) : (
              <Link to={placeOf(row.figure.href)}>{formats.number(row.figure.count)}</Link>
            ),
        },
        {
          key: "overdue",
          title: say("overview.overdue"),
          align: "end",
          cell: (row) =>
            row.figure === undefined || row.figure.overdue === 0 ? (
              <span className="muted">0</span>
            ) : (
              <Link to={placeOf(`${row.figure.href}&overdue=1`)}>{formats.number(row.figure.overdue)}</Link>
            ),
        },
      ]}
    />
  );
}
