/** The instance on the drawing of its version: live statuses, and the step that is selected in detail. */
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { QueryView, useNow } from "../../design";
import { type Badge, Diagram, type NodeStatus } from "../../diagram";
import { type Say, useWords } from "../../i18n";
import { type Drawing, type Instance, progressQuery } from "./queries";
import { StepDetails } from "./StepDetails";

/** The drawing, and beside it the step. The step stands in the address. */
export function ProgressTab({ instance }: { instance: Instance }) {
  const progress = useQuery(progressQuery(instance.id));
  return (
    <QueryView query={progress} lines={8}>
      {(drawing) => <Progress drawing={drawing} instance={instance} />}
    </QueryView>
  );
}

function Progress({ drawing, instance }: { drawing: Drawing; instance: Instance }) {
  const say = useWords();
  const now = useNow().getTime() * 1_000;
  const [params, setParams] = useSearchParams();
  const selected = nodeOf(drawing, params.get("step"));
  const select = (id: string) =>
    setParams(
      (before) => {
        before.set("step", id);
        return before;
      },
      { replace: true },
    );
  return (
    <div className="split">
      <div className="stack tight">
        <Diagram
          layout={drawing.diagram}
          selected={selected}
          onSelect={select}
          statuses={statusesOf(drawing, now)}
          badges={badgesOf(say, drawing)}
        />
        {!drawing.is_whole && <p className="muted small">{say("instances.diagram.partial")}</p>}
      </div>
      <StepDetails drawing={drawing} instance={instance} node={selected} />
    </div>
  );
}

/** The node that is asked for, else the first that is held or live, else the last that was done. */
export function nodeOf(drawing: Drawing, asked: string | null): string | null {
  const { nodes } = drawing.diagram;
  if (nodes.some((node) => node.id === asked)) return asked;
  const steps = drawing.steps;
  const found =
    steps.find((step) => step.status === "failed") ??
    steps.find((step) => step.status === "waiting" || step.status === "active") ??
    [...steps]
      .sort((one, other) => (other.done_at ?? 0) - (one.done_at ?? 0))
      .find((step) => step.done_at !== null);
  return nodes.find((node) => node.step === found?.step)?.id ?? null;
}

/** The statuses of nodes by their id. A join has one only when its branches are all in. */
export function statusesOf(drawing: Drawing, now: number): Record<string, NodeStatus> {
  const bySteps = new Map(drawing.steps.map((step) => [step.step, step]));
  const found: Record<string, NodeStatus> = {};
  for (const node of drawing.diagram.nodes) {
    const step = bySteps.get(node.step);
    if (node.kind === "start") found[node.id] = "done";
    if (step === undefined) continue;
    const isLate =
      step.due_at !== null && step.due_at < now && !step.is_due_later && step.status !== "failed";
    if (node.kind !== "join") found[node.id] = isLate ? "overdue" : step.status;
    else if (step.status === "done") found[node.id] = "done";
  }
  return found;
}

/** How often a step was entered, where that was more than once. */
function badgesOf(say: Say, drawing: Drawing): Record<string, Badge> {
  const often = new Map(
    drawing.steps.filter((step) => step.visits > 1).map((step) => [step.step, step.visits]),
  );
  const found: Record<string, Badge> = {};
  for (const node of drawing.diagram.nodes) {
    const count = node.kind === "join" ? undefined : often.get(node.step);
    if (count !== undefined) found[node.id] = { text: say("instances.visits", { count }), tone: "neutral" };
  }
  return found;
}
