/** What came of a task: the receipt of what was just recorded, or who decided what and when. */
import { useEffect, useRef } from "react";
import { Button, ButtonLink, Icon, ProofBadge, Tag, Time } from "../../design";
import { type Say, useWords } from "../../i18n";
import { outcomeWords } from "./outcome_words";
import type { Completed, Task } from "./tasks";
import { label } from "./value_text";

export interface ReceiptProps {
  task: Task;
  done: Completed;
  onNext: (() => void) | undefined;
}

/** Recorded just now: the number in the ledger, the certificate, and the way to the next task. */
export function Receipt({ task, done, onNext }: ReceiptProps) {
  const say = useWords();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const { receipt } = done;
  const isDecision = task.kind !== "task";
  return (
    <section className="receipt stack" aria-labelledby="receipt-title" role="status">
      <div className="row">
        <Icon name="check" />
        <h3 id="receipt-title" ref={title} tabIndex={-1}>
          {task.voting !== null
            ? say("task.receipt.voted", { outcome: outcomeWords(say, task, done.outcome) })
            : isDecision
              ? say("task.receipt.decided", { outcome: outcomeWords(say, task, done.outcome) })
              : say("task.receipt.completed")}
        </h3>
      </div>
      {task.voting !== null && <p>{votedWords(say, done)}</p>}
      <p>{say("task.receipt.entry", { index: String(receipt.index), log: receipt.log })}</p>
      {task.closed_at !== null && <Time at={task.closed_at} evidence />}
      <Links
        task={task}
        decision={done.vote == null ? task.id : `${task.instance}.${done.vote}`}
        index={receipt.index}
      />
      {onNext && (
        <div className="row no-print">
          <Button kind="primary" icon="arrow" onPress={onNext}>
            {say("task.receipt.next")}
          </Button>
        </div>
      )}
    </section>
  );
}

/** What a vote came to: the voting goes on, or is over with it. */
function votedWords(say: Say, done: Completed): string {
  if (done.decided == null) return say("task.voted.goes-on");
  const { outcome } = done.decided;
  return outcome === "" ? say("task.voted.tied") : say("task.voted.over", { outcome: label(outcome) });
}

/** The records of what was done: certificate, entry in the ledger, and how far that is proven here. */
function Links({ task, decision, index }: { task: Task; decision: string; index: number | null }) {
  const say = useWords();
  return (
    <div className="row">
      {task.kind === "decide" && (
        <ButtonLink href={`/v1/decisions/${decision}/certificate`} small icon="signature">
          {say("task.receipt.certificate")}
        </ButtonLink>
      )}
      {index !== null && (
        <ButtonLink href={`/ledger/${index}`} small icon="proven">
          {say("task.receipt.proof")}
        </ButtonLink>
      )}
      {index !== null && <ProofBadge state="unchecked" />}
    </div>
  );
}

/** A task that is closed: who decided what, and when. */
export function Closed({ task, onNext }: { task: Task; onNext: (() => void) | undefined }) {
  const say = useWords();
  const isDone = task.state === "completed";
  const outcome = outcomeWords(say, task, task.outcome);
  return (
    <section className="closed stack tight" role="status">
      <div className="row">
        <Tag tone={isDone ? "good" : "neutral"} icon={isDone ? "check" : "stop"}>
          {say(isDone ? "task.state.completed" : "task.state.cancelled")}
        </Tag>
        <span>
          {isDone && task.voting !== null && say("task.voted.over", { outcome })}
          {isDone &&
            task.kind !== "task" &&
            task.voting === null &&
            (task.is_mine
              ? say("task.closed.by-you", { outcome })
              : say("task.closed.by", { outcome, who: task.holder_name }))}
          {isDone &&
            task.kind === "task" &&
            (task.is_mine
              ? say("task.closed.done-by-you")
              : say("task.closed.done-by", { who: task.holder_name }))}
          {!isDone && say("task.closed.cancelled")}
        </span>
      </div>
      {task.closed_at !== null && <Time at={task.closed_at} />}
      {isDone && task.voting === null && <Links task={task} decision={task.id} index={null} />}
      {onNext && (
        <div className="row no-print">
          <Button icon="arrow" onPress={onNext}>
            {say("task.receipt.next")}
          </Button>
        </div>
      )}
    </section>
  );
}
