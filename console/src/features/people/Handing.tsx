/** Giving a task to somebody else, and getting it back: who has it, what was proposed, and the dialogs for it. */

import { useState } from "react";
import { isReason, REASON_MAX } from "../../api/reason";
import { useMay } from "../../api/session";
import { useTyped } from "../../api/typed";
import { useWrite } from "../../api/writing";
import {
  AreaField,
  Button,
  Dialog,
  problemOf,
  QueryView,
  RadioField,
  SearchField,
  Time,
  useAsking,
  visible,
  WriteProblem,
} from "../../design";
import { focusFault } from "../../design/focus_back";
import { useWords } from "../../i18n";
import { type Task, useRead } from "../inbox/tasks";
import { label } from "../inbox/value_text";
import { Data } from "../inbox/values";
import { giveBack, handOver, useCandidates } from "./people";

/** What this person can do with an open task besides deciding it, and where it is while it is delegated. */
export default function Handing({ task }: { task: Task }) {
  const say = useWords();
  const may = useMay();
  const read = useRead();
  const ask = useAsking();
  const hand = (act: "reassign" | "delegate") =>
    ask((close) => <HandOverDialog act={act} task={task} onClose={close} />);
  const back = useWrite({
    send: () => giveBack(task, "", ""),
    onSettled: () => read(task.id),
  });
  const isDelegated = task.delegate !== "";
  return (
    <>
      {isDelegated && (
        <p className="small" role="status">
          {task.is_delegated_to_me
            ? say("people.delegated.to-you", { who: task.holder_name })
            : say("people.delegated.to", { who: task.delegate_name })}
        </p>
      )}
      {task.stands_in_for_name !== "" && (
        <p className="small" role="status">
          {say("people.stands-in-for", { who: task.stands_in_for_name })}
        </p>
      )}
      <Proposal task={task} />
      <div className="row">
        {task.is_mine && !isDelegated && may("task:delegate") && (
          <Button small onPress={() => hand("delegate")}>
            {say("people.delegate")}
          </Button>
        )}
        {task.is_mine && isDelegated && (
          <Button small busy={back.isPending} onPress={() => back.mutate()}>
            {say("people.take-back")}
          </Button>
        )}
        {task.is_delegated_to_me && (
          <Button
            small
            kind="primary"
            onPress={() => ask((close) => <ReturnDialog task={task} onClose={close} />)}
          >
            {say("people.return")}
          </Button>
        )}
        {may("task:reassign") && (
          <Button small onPress={() => hand("reassign")}>
            {say("people.reassign")}
          </Button>
        )}
      </div>
      {back.error !== null && <WriteProblem problem={problemOf(back.error)} />}
    </>
  );
}

/** What the delegate proposed: told, never done by itself. */
function Proposal({ task }: { task: Task }) {
  const say = useWords();
  const proposal = task.returned;
  if (proposal === null) return null;
  return (
    <section className="stack tight" aria-labelledby="proposal-title">
      <h3 id="proposal-title">{say("people.proposal")}</h3>
      <p className="row small">
        <span>
          {proposal.outcome === ""
            ? say("people.proposal.form", { who: proposal.by_name })
            : say("people.proposal.outcome", { who: proposal.by_name, outcome: label(proposal.outcome) })}
        </span>
        <Time at={proposal.proposed_at} />
      </p>
      {typeof proposal.reason === "string" && <p className="small">{visible(proposal.reason)}</p>}
      {Object.keys(proposal.data).length > 0 && <Data data={proposal.data} />}
    </section>
  );
}

interface DialogOf {
  readonly task: Task;
  readonly onClose: () => void;
}

/** To whom, and why. Only those who could do it themselves are offered. */
function HandOverDialog({ act, task, onClose }: DialogOf & { act: "reassign" | "delegate" }) {
  const say = useWords();
  const read = useRead();
  const found = useCandidates(task.id);
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useTyped(`${act} ${task.id}`);
  const [isTold, setTold] = useState(false);
  const hand = useWrite({
    send: (person: string) => handOver(act, task, person, reason.trim()),
    onSuccess: async () => {
      setReason("");
      await read(task.id);
      onClose();
    },
  });
  const isMissing = act === "reassign" && reason.trim() === "";
  const go = () => {
    setTold(true);
    if (to !== null && !isMissing && isReason(reason)) hand.mutate(to);
    else focusFault();
  };
  return (
    <Dialog
      title={say(act === "reassign" ? "people.reassign.title" : "people.delegate.title")}
      isOpen
      onClose={onClose}
      busy={hand.isPending}
      actions={
        <Button kind="primary" busy={hand.isPending} onPress={go}>
          {say(act === "reassign" ? "people.reassign.do" : "people.delegate.do")}
        </Button>
      }
    >
      <p className="muted small">
        {say(act === "reassign" ? "people.reassign.hint" : "people.delegate.hint")}
      </p>
      <QueryView query={found} lines={2}>
        {(data) => (
          <SearchField
            label={say("people.to")}
            value={to}
            onChange={setTo}
            required
            error={isTold && to === null ? say("people.to.missing") : undefined}
            options={data.items
              .filter((one) => one.id !== task.holder)
              .map((one) => ({ id: one.id, label: one.name ?? one.ref, detail: one.ref }))}
          />
        )}
      </QueryView>
      <AreaField
        label={say("task.reason")}
        value={reason}
        onChange={setReason}
        required={act === "reassign"}
        maxLength={REASON_MAX}
        error={isTold && isMissing ? say("people.reason.missing") : undefined}
      />
      {hand.error !== null && <WriteProblem problem={problemOf(hand.error)} />}
    </Dialog>
  );
}

const UNDONE = "";

/** Back to its holder: with an outcome as a proposal, or undone. */
function ReturnDialog({ task, onClose }: DialogOf) {
  const say = useWords();
  const read = useRead();
  const [outcome, setOutcome] = useState<string | null>(task.kind === "decide" ? null : UNDONE);
  const [reason, setReason] = useTyped(`return ${task.id}`);
  const [isTold, setTold] = useState(false);
  const back = useWrite({
    send: (proposed: string) => giveBack(task, proposed, reason.trim()),
    onSuccess: async () => {
      setReason("");
      await read(task.id);
      onClose();
    },
  });
  const go = () => {
    setTold(true);
    if (outcome !== null && isReason(reason)) back.mutate(outcome);
    else focusFault();
  };
  return (
    <Dialog
      title={say("people.return.title")}
      isOpen
      onClose={onClose}
      busy={back.isPending}
      actions={
        <Button kind="primary" busy={back.isPending} onPress={go}>
          {say("people.return.do")}
        </Button>
      }
    >
      <p className="muted small">{say("people.return.hint", { who: task.holder_name })}</p>
      {task.kind === "decide" && (
        <RadioField
          label={say("people.return.proposal")}
          value={outcome}
          onChange={setOutcome}
          required
          error={isTold && outcome === null ? say("task.outcome.missing") : undefined}
          options={[
            ...task.outcomes.map((one) => ({ id: one, label: label(one) })),
            { id: UNDONE, label: say("people.return.undone") },
          ]}
        />
      )}
      <AreaField label={say("task.reason")} value={reason} onChange={setReason} maxLength={REASON_MAX} />
      {back.error !== null && <WriteProblem problem={problemOf(back.error)} />}
    </Dialog>
  );
}
