/** Around a task: the instance's data, the drawing with this step marked, and what happened so far. */
import { type ReactNode, useEffect, useRef } from "react";
import { Link } from "react-router";
import { Empty, Facts, PagedView, QueryView, Tag, Time, visible } from "../../design";
import { Diagram, type NodeStatus } from "../../diagram";
import { useWords } from "../../i18n";
import { type Entry, type Task, useDrawing, useHistory, useInstance } from "./tasks";
import { Data } from "./values";

/** The time before the first sentence: it stands above, in the person's zone. */
const STAMP = /^\d{4}-\S+Z: /;

/** The instance: what it is, and its data as far as this person may read them. */
export function CaseTab({ instance }: { instance: string }) {
  const say = useWords();
  const found = useInstance(instance);
  return (
    <QueryView query={found}>
      {(data) => (
        <div className="stack">
          <Facts
            facts={[
              { name: say("task.case.status"), value: say(`task.case.status.${data.status}`) },
              { name: say("task.case.started"), value: <Time at={data.started_at} /> },
              { name: say("task.case.domain"), value: data.domain },
            ]}
          />
          <h3>{say("task.case.data")}</h3>
          <Data data={data.data} />
        </div>
      )}
    </QueryView>
  );
}

/** The process on its drawing, this step marked, with the version it runs on. */
export function ProcessTab({ task }: { task: Task }) {
  const say = useWords();
  const drawing = useDrawing(task.instance);
  return (
    <QueryView query={drawing}>
      {(data) => {
        const { nodes } = data.diagram;
        const byStep = new Map(data.steps.map((step) => [step.step, step]));
        const statuses: Record<string, NodeStatus> = {};
        for (const node of nodes) {
          const step = node.kind === "join" ? undefined : byStep.get(node.step);
          if (step === undefined || step.status === "untouched") continue;
          const isLate =
            step.due_at !== null && step.due_at < data.as_of && !step.is_due_later && step.live.length > 0;
          statuses[node.id] = isLate ? "overdue" : step.status;
        }
        const here = nodes.find((node) => node.step === task.step && node.kind !== "join");
        return (
          <Reached node={here?.id}>
            <p className="row small">
              <Tag>
                {say("task.process.version", { blueprint: task.blueprint_title, version: data.version })}
              </Tag>
            </p>
            <Diagram
              layout={data.diagram}
              selected={here?.id ?? null}
              statuses={statuses}
              badges={
                here === undefined ? {} : { [here.id]: { text: say("task.process.here"), tone: "good" } }
              }
            />
          </Reached>
        );
      }}
    </QueryView>
  );
}

/** Brings the step of this task to where it is seen: drawings are long, and it is rarely at the top. */
function Reached({ node, children }: { node: string | undefined; children: ReactNode }) {
  const around = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (node === undefined) return;
    const drawn = around.current?.querySelector(`[data-node="${CSS.escape(node)}"]`);
    drawn?.scrollIntoView({ block: "center", inline: "center" });
  }, [node]);
  return (
    <div ref={around} className="stack">
      {children}
    </div>
  );
}

/** The sentences of an entry, with whoever acted by their reference. */
function toldOf({ words, actor, who }: Entry): string {
  const sentences = words.join(" ").replace(STAMP, "");
  return visible(who === "" ? sentences : sentences.replaceAll(String(actor.person ?? actor.id), who));
}

/** What happened, newest first, each with its entry in the ledger. */
export function HistoryTab({ instance }: { instance: string }) {
  const say = useWords();
  const history = useHistory(instance);
  return (
    <PagedView query={history} empty={<Empty title={say("task.history.empty")} />} more={say("inbox.more")}>
      {(items) => (
        <ol className="history">
          {items.map((item) => (
            <li key={item.index}>
              <span className="small">
                <Time at={item.recorded_at} relative={false} />
              </span>
              <p>{toldOf(item)}</p>
              <Link className="small" to={`/ledger/${item.index}`}>
                {say("task.history.entry", { index: String(item.index) })}
              </Link>
            </li>
          ))}
        </ol>
      )}
    </PagedView>
  );
}
