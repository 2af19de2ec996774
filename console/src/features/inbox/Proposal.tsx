/** What an agent proposed, and why a person is asked: the upper part of a review. */
import { Hash, Icon, Tag } from "../../design";
import { useWords } from "../../i18n";
import type { Task } from "./tasks";
import { isRecord, label } from "./value_text";
import { Data, Value } from "./values";

type Proposed = NonNullable<Task["proposal"]>;

const GATES = {
  output: "task.proposal.gate.output",
  schema: "task.proposal.gate.schema",
  rules: "task.proposal.gate.rules",
  condition: "task.proposal.gate.condition",
  judge: "task.proposal.gate.judge",
  sample: "task.proposal.gate.sample",
} as const;

/** Whose proposal it is, what stopped it, and the proposal itself. */
export default function Proposal({ proposal }: { proposal: Proposed }) {
  const say = useWords();
  const { gate, output } = proposal;
  return (
    <section className="stack tight" aria-labelledby="proposal-title">
      <h3 id="proposal-title">{say("task.proposal", { agent: label(proposal.agent) })}</h3>
      <p className="barred">
        <Icon name="warning" />
        <span>
          {say(gate in GATES ? GATES[gate as keyof typeof GATES] : "task.proposal.gate.other")}{" "}
          {proposal.code !== "" && <Tag>{proposal.code}</Tag>}
        </span>
      </p>
      {isRecord(output) && !("$commitment" in output) ? <Data data={output} /> : <Value value={output} />}
      <p className="row small muted">
        {say("task.proposal.profile")}{" "}
        <Hash value={proposal.profile} label={say("task.proposal.profile-name")} />
      </p>
    </section>
  );
}
