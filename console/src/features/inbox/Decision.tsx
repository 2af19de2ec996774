/** The deciding part of a task: why one may not, or the form, the draft, the signature, and what came of it. */
import { useEffect, useState } from "react";
import { type KeptDraft, useDraft, useKeptDraft } from "../../api/drafts";
import { isReason } from "../../api/reason";
import { Button, type Problem, QueryView, WriteProblem } from "../../design";
import { focusFault } from "../../design/focus_back";
import { useWords } from "../../i18n";
import { DraftState } from "../../shell/DraftState";
import { codesOf } from "./codes_of";
import { DecisionFields } from "./DecisionFields";
import { type Draft, draftOfTask, inShort, isEmpty } from "./draft";
import { type FieldFault, faultsOf } from "./form_data";
import { Moved, Outrun } from "./Moved";
import { Receipt } from "./Receipt";
import { answerFaults } from "./review";
import { Signature } from "./Signature";
import { useDeciding } from "./signing";
import type { Task } from "./tasks";

/** What is on screen, and was when the decision was begun. */
export interface Seen {
  readonly digest: string;
  readonly shown: Readonly<Record<string, unknown>>;
}

/** For whoever holds the task: their draft first, and with it everything else. */
export default function Decision({ task, onNext }: { task: Task; onNext: (() => void) | undefined }) {
  const kept = useKeptDraft(draftOfTask(task.id));
  return (
    <QueryView query={kept} lines={4}>
      {(draft) => <InHand task={task} kept={draft} onNext={onNext} />}
    </QueryView>
  );
}

interface InHandProps {
  task: Task;
  kept: KeptDraft<Draft>;
  onNext: (() => void) | undefined;
}

/** The decision in hand. It stays on screen with what was typed even when somebody else was faster. */
function InHand({ task, kept, onNext }: InHandProps) {
  const empty: Draft = {
    outcome: null,
    reason: "",
    reason_code: null,
    data: {},
    shown_digest: task.shown_digest,
  };
  const inHand = useDraft(draftOfTask(task.id), kept, empty);
  const { draft } = inHand;
  const [seen, setSeen] = useState<Seen>(() => seenAtFirst(task, kept.draft));
  const deciding = useDeciding(task, inHand, task.shown_digest);
  const [isChecked, setChecked] = useState(false);
  const isOver = task.state === "completed" || task.state === "cancelled";
  const isLost = !isOver && (task.voting === null ? !task.is_mine : task.barred !== null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it ends once
  useEffect(() => {
    if (isOver) inHand.end();
  }, [isOver]);
  if (deciding.done !== null) return <Receipt task={task} done={deciding.done} onNext={onNext} />;
  if (isOver || isLost)
    return <Outrun task={task} draft={draft} conflict={deciding.conflict} onNext={onNext} />;
  const isMoved = seen.digest !== task.shown_digest;
  const faults = faultsIn(task, draft);
  // A field says by itself that a reason is too long, and how much of it.
  const isWhole = Object.keys(faults).length === 0 && isReason(draft.reason);
  const change = (to: Partial<Draft>) => {
    inHand.change({ ...to, shown_digest: seen.digest });
    if (deciding.stated !== null) deciding.reopen();
  };
  const goOn = () => {
    setChecked(true);
    if (!isWhole) focusFault();
    if (!isWhole || isMoved) return;
    if (task.meaning !== "") void deciding.state();
    else void deciding.complete();
  };
  return (
    <div className="stack">
      <DraftState inHand={inHand} isEmpty={isEmpty(draft)} summary={inShort} />
      <DecisionFields
        task={task}
        draft={draft}
        faults={isChecked ? faults : {}}
        onChange={change}
        disabled={deciding.step === "sending"}
      />
      {(isMoved || deciding.conflict?.changed != null) && (
        <Moved
          task={task}
          seen={seen}
          conflict={deciding.conflict}
          onRead={() => {
            setSeen({ digest: task.shown_digest, shown: task.shown });
            inHand.change({ shown_digest: task.shown_digest });
            deciding.reopen();
          }}
        />
      )}
      {deciding.stated !== null ? (
        <Signature task={task} deciding={deciding} draft={draft} isMoved={isMoved} />
      ) : (
        <Go task={task} problem={deciding.problem} isMoved={isMoved} deciding={deciding} onGo={goOn} />
      )}
    </div>
  );
}

interface GoProps {
  task: Task;
  problem: Problem | null;
  isMoved: boolean;
  deciding: { step: string };
  onGo: () => void;
}

/** The button that leads on: to the statement where it is signed, else to the record at once. */
function Go({ task, problem, isMoved, deciding, onGo }: GoProps) {
  const say = useWords();
  const isSigned = task.meaning !== "";
  const isBusy = deciding.step === "stating" || deciding.step === "sending";
  return (
    <div className="stack tight">
      <div className="row">
        <Button
          kind="primary"
          icon={isSigned ? "signature" : "check"}
          busy={isBusy}
          disabled={isMoved}
          onPress={onGo}
        >
          {say(
            isSigned
              ? "task.review"
              : task.voting !== null
                ? "task.vote"
                : task.kind !== "task"
                  ? "task.decide"
                  : "task.complete",
          )}
        </Button>
        {isMoved ? (
          <span className="small muted">{say("task.moved.first")}</span>
        ) : (
          isSigned && <span className="small muted">{say("task.review.hint")}</span>
        )}
      </div>
      {problem !== null && <WriteProblem problem={problem} />}
    </div>
  );
}

function seenAtFirst(task: Task, kept: Draft | null): Seen {
  // A draft that was begun on something else: what that was is not known here any more, only that it was another.
  if (kept !== null && kept.shown_digest !== "" && kept.shown_digest !== task.shown_digest) {
    return { digest: kept.shown_digest, shown: {} };
  }
  return { digest: task.shown_digest, shown: task.shown };
}

function formFaults(task: Task, draft: Draft): Readonly<Record<string, FieldFault>> {
  if (task.kind !== "review") return faultsOf(task.fields, draft.data);
  return draft.outcome === "correct" ? answerFaults(task.fields, draft.data) : {};
}

/** What is still to fill in, by field: `outcome`, `reason`, `reason_code`, or a path of the form. */
function faultsIn(task: Task, draft: Draft): Readonly<Record<string, FieldFault>> {
  const faults: Record<string, FieldFault> = { ...formFaults(task, draft) };
  if (task.kind !== "task" && draft.outcome === null) faults.outcome = "required";
  if (
    (task.reason_required || (task.kind === "review" && draft.outcome === "reject")) &&
    draft.reason.trim() === ""
  )
    faults.reason = "required";
  if (task.reason_required && codesOf(task, draft.outcome) !== null && draft.reason_code === null) {
    faults.reason_code = "required";
  }
  return faults;
}
