/** One task: what it is about, what it shows, what can be done with it. */

import { lazy, Suspense, useEffect, useRef } from "react";
import { Link, useSearchParams } from "react-router";
import { useWrite } from "../../api/writing";
import {
  Button,
  Hash,
  Icon,
  Loading,
  problemOf,
  QueryView,
  ServerWords,
  Tabs,
  Tag,
  visible,
  WriteProblem,
} from "../../design";
import { useWords } from "../../i18n";
import { usePrinted } from "../../shell/printed";
import { Barred } from "./Barred";
import { conflictOf } from "./conflict";
import { Closed } from "./Receipt";
import { withoutProposal } from "./review";
import { keyText } from "./Signature";
import { DueText, Stopped } from "./Stopped";
import { claim, release, type Task, useRead, useTask } from "./tasks";
import { Voting } from "./Voting";
import { label } from "./value_text";
import { Data } from "./values";

/** Only who decides loads what that takes. */
const Decision = lazy(() => import("./Decision"));
/** And only who looks at a review what an agent proposed. */
const Proposal = lazy(() => import("./Proposal"));
const CaseTab = lazy(() => import("./About").then((file) => ({ default: file.CaseTab })));
const ProcessTab = lazy(() => import("./About").then((file) => ({ default: file.ProcessTab })));
const Handing = lazy(() => import("../people/Handing"));
const Talk = lazy(() => import("../people/Talk"));
const HistoryTab = lazy(() => import("./About").then((file) => ({ default: file.HistoryTab })));

/** What stands against a person because of what was done meanwhile: the decision stays up, and says so itself. */
const AFTERWARDS = new Set(["CLAIMED_BY_OTHER", "ALREADY_VOTED"]);

const TABS = ["task", "case", "talk", "process", "history"] as const;

export interface TaskPaneProps {
  id: string;
  /** The list it was opened from, with its filters. */
  back: string;
  onNext: (() => void) | undefined;
}

/** The open task, whatever state it is in. */
export default function TaskPane({ id, back, onNext }: TaskPaneProps) {
  const say = useWords();
  const task = useTask(id);
  return (
    <section className="task-pane" aria-label={say("task.pane")}>
      <Link className="back" to={back}>
        <Icon name="arrow" />
        {say("inbox.back")}
      </Link>
      <QueryView query={task} lines={8}>
        {(data) => <OpenTask task={data} onNext={onNext} />}
      </QueryView>
    </section>
  );
}

function OpenTask({ task, onNext }: { task: Task; onNext: (() => void) | undefined }) {
  const say = useWords();
  const [search, setSearch] = useSearchParams();
  const title = useRef<HTMLHeadingElement>(null);
  const tab = TABS.find((each) => each === search.get("tab")) ?? "task";
  const choose = (id: string) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        if (id === "task") after.delete("tab");
        else after.set("tab", id);
        return after;
      },
      { replace: true },
    );
  usePrinted(say("print.task", { id: task.id, digest: task.shown_digest }));
  useEffect(() => title.current?.focus(), []);
  useEffect(() => {
    const before = document.title;
    document.title = say("shell.document", { title: label(task.title) });
    return () => {
      document.title = before;
    };
  }, [say, task.title]);
  return (
    <div className="stack">
      <header className="stack tight">
        <h2 ref={title} tabIndex={-1}>
          {label(task.title)}
        </h2>
        <p className="row small">
          <Link to={`/instances/${task.instance}`}>{keyText(task)}</Link>
          <span className="muted">
            {say("task.of", { blueprint: visible(task.blueprint_title), version: task.version })}
          </span>
        </p>
        <Standing task={task} />
      </header>
      <Suspense fallback={<Loading />}>
        <Tabs
          label={say("task.views")}
          selected={tab}
          onSelect={choose}
          tabs={[
            { id: "task", title: say("task.tab.task"), content: <TaskTab task={task} onNext={onNext} /> },
            { id: "case", title: say("task.tab.case"), content: <CaseTab instance={task.instance} /> },
            { id: "talk", title: say("task.tab.talk"), content: <Talk task={task} /> },
            { id: "process", title: say("task.tab.process"), content: <ProcessTab task={task} /> },
            {
              id: "history",
              title: say("task.tab.history"),
              content: <HistoryTab instance={task.instance} />,
            },
          ]}
        />
      </Suspense>
    </div>
  );
}

/** When it is due, who has it, and taking or giving it back. */
function Standing({ task }: { task: Task }) {
  const say = useWords();
  const read = useRead();
  const move = useWrite({
    send: (act: "claim" | "release") => (act === "claim" ? claim(task) : release(task)),
    onSettled: () => read(task.id),
  });
  const isOpen = task.state === "offered" || task.state === "claimed";
  const first = conflictOf(move.error);
  return (
    <>
      <div className="row apart">
        <div className="row small">
          {isOpen && <DueText due={task.due_at} stopped={task.stopped} />}
          {isOpen && task.urgency > 0 && (
            <Tag tone="soon" icon="up">
              {say("inbox.urgency", { urgency: task.urgency })}
            </Tag>
          )}
          {task.state === "claimed" && (
            <Tag tone={task.is_mine ? "accent" : "neutral"} icon="person">
              {task.is_mine ? say("task.yours") : say("task.held", { who: task.holder_name })}
            </Tag>
          )}
          {task.state === "offered" && (
            <span className="muted">
              {say(task.role === "" ? "inbox.who.authority" : "inbox.who.role", { who: task.offered_to })}
            </span>
          )}
        </div>
        {task.state === "claimed" && task.is_mine && task.delegate === "" && (
          <Button small busy={move.isPending} onPress={() => move.mutate("release")}>
            {say("task.release")}
          </Button>
        )}
      </div>
      {task.stopped !== null && (
        <p className="small inline" role="note">
          <Stopped stopped={task.stopped} />.{" "}
          {say(`task.stopped.${task.stopped.why}`, { step: label(task.stopped.step) })}
        </p>
      )}
      {isOpen && task.due_explained !== null && task.due_explained.calendar !== "" && (
        <p className="muted small">
          <ServerWords
            text={task.due_explained.words}
            wording={task.due_explained.wording}
            className="inline"
          />
        </p>
      )}
      {move.error !== null &&
        (first?.last != null ? (
          <p className="barred" role="alert">
            <Icon name="person" />
            <span>{say("task.first", { who: first.last.by_name, act: say(actKey(first.last.kind)) })}</span>
          </p>
        ) : (
          <WriteProblem problem={problemOf(move.error)} />
        ))}
      {task.state === "offered" && task.barred === null && task.voting === null && (
        <div className="row take">
          <Button kind="primary" busy={move.isPending} onPress={() => move.mutate("claim")}>
            {say("task.claim")}
          </Button>
          <span className="small muted">
            {say(isForm(task) ? "task.claim.hint.form" : "task.claim.hint")}
          </span>
        </div>
      )}
      {isOpen && task.voting === null && (
        <Suspense fallback={null}>
          <Handing task={task} />
        </Suspense>
      )}
    </>
  );
}

/** Whether a form is filled in, or a proposal reviewed, and nothing is decided under an authority. */
function isForm(task: Task): boolean {
  return task.decision_kind === "";
}

function actKey(kind: string) {
  if (kind === "task.claimed") return "task.act.claimed";
  return kind === "task.completed" ? "task.act.completed" : "task.act.moved";
}

/** What is shown, exactly, with its digest; below it the decision, or why there is none to take. */
function TaskTab({ task, onNext }: { task: Task; onNext: (() => void) | undefined }) {
  const say = useWords();
  const isOver = task.state === "completed" || task.state === "cancelled";
  // The decision stays up when it ends while somebody is at it: what they typed is not taken from them.
  const wasInHand = useRef(false);
  // What is voted on is nobody's: it is in hand for whoever has a vote.
  const hasVote = task.voting !== null && task.barred === null;
  if ((task.is_mine || hasVote) && !isOver) wasInHand.current = true;
  const isStopped = task.barred !== null && !AFTERWARDS.has(task.barred.reason) && !isOver;
  return (
    <div className="stack">
      {Object.keys(task.shown).length > 0 && (
        <section className="stack tight" aria-labelledby="shown-title">
          <h3 id="shown-title">{say(isForm(task) ? "task.shown.form" : "task.shown")}</h3>
          <Data data={task.proposal === null ? task.shown : withoutProposal(task.shown)} />
          <p className="row small muted">
            {say("task.shown.digest")}{" "}
            <Hash value={task.shown_digest} label={say("task.shown.digest-name")} />
          </p>
        </section>
      )}
      {task.proposal !== null && <Proposal proposal={task.proposal} />}
      {task.voting !== null && <Voting voting={task.voting} />}
      {wasInHand.current ? (
        isStopped ? (
          <Barred task={task} />
        ) : (
          <Decision task={task} onNext={onNext} />
        )
      ) : isOver ? (
        <Closed task={task} onNext={onNext} />
      ) : (
        <Barred task={task} />
      )}
    </div>
  );
}
