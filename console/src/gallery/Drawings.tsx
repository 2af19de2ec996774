/** The drawing of the loan as designed, as changed, and as one instance has walked it; and its words. */
import { useState } from "react";
import golden from "../../../tests/versioning/golden/loan-layout.json";
import { Tabs } from "../design";
import { type Badge, Diagram, type DiagramLayout, type Mark, type NodeStatus, Words } from "../diagram";
import { Sample } from "./Sample";

const LOAN = golden as unknown as DiagramLayout;
const MARKS: Readonly<Record<string, Mark>> = {
  grade: "changed",
  sanctions: "added",
  memo: "removed",
  route: "changed",
};
const CHANGED: DiagramLayout = {
  ...LOAN,
  nodes: LOAN.nodes.map((node) => ({ ...node, mark: MARKS[node.id] ?? "" })),
  edges: LOAN.edges.map((edge) => ({ ...edge, mark: edgeMark(edge.source, edge.target) })),
};
const STATUSES: Readonly<Record<string, NodeStatus>> = {
  "/start": "done",
  "check-completeness": "done",
  "is-complete": "done",
  checks: "done",
  bureau: "done",
  grade: "failed",
  sanctions: "overdue",
  compliance: "untouched",
  officer: "waiting",
  memo: "active",
  committee: "skipped",
};
const BADGES: Readonly<Record<string, Badge>> = {
  "ask-applicant": { text: "19 waiting", tone: "soon" },
  officer: { text: "31 waiting", tone: "bad" },
  done: { text: "412 ended", tone: "good" },
};
const WORDS = [
  "Decide credit applications within policy and tell the applicant why.",
  "An instance starts when asked to over the API; the role loan intake may start one.",
  "Check completeness. The rule table application complete is evaluated. Then comes step 2 (is complete).",
  "Is complete. When the mark complete is true, step 4 (checks) comes next.",
  "Ask applicant. The instance waits for the message documents received.",
];

function edgeMark(source: string, target: string): Mark {
  const ends = [MARKS[source], MARKS[target]];
  return ends.includes("added") ? "added" : ends.includes("removed") ? "removed" : "";
}

/** Drawings under tabs. */
export function Drawings() {
  const [selected, setSelected] = useState<string | null>("grade");
  const [step, setStep] = useState<number | null>(2);
  return (
    <Sample title="Diagram and words">
      <Tabs
        label="Loan origination"
        tabs={[
          {
            id: "changed",
            title: "Changed",
            count: 4,
            content: <Diagram layout={CHANGED} selected={selected} onSelect={setSelected} />,
          },
          {
            id: "instance",
            title: "One instance",
            content: <Diagram layout={LOAN} statuses={STATUSES} badges={BADGES} />,
          },
          {
            id: "words",
            title: "In plain words",
            content: <Words words={WORDS} selected={step} onSelect={setStep} />,
          },
          { id: "long", title: "Discussion of everybody concerned", count: 3, content: null },
        ]}
      />
    </Sample>
  );
}
