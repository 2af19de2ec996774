/** What a view shows when it has nothing to show: loading, empty, refused, failed, offline; and when it is old. */
import { Fragment, type ReactNode, Suspense, use, useEffect, useState } from "react";
import { useFormats, useWords } from "../../i18n";
import type { Wording } from "../../wordings/told";
import { coded } from "../coded";
import type { Problem } from "../problem";
import { useReasonWords } from "../reason_words";
import { isTold, tellerHere, tellerOf } from "../told";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";
import "./states.css";

const SKELETON_AFTER = 200; // ms: what comes sooner needs no skeleton, which would only flicker

/** Stands where a part of a screen is being fetched: nothing, or the room that the part will take. */
export function Placeholder({ className }: { className?: string }) {
  return <div className={className} hidden={className === undefined} data-loading />;
}

/** Grey lines in place of what is coming, after 200 ms; screen readers hear it at once. */
export function Loading({ lines = 5 }: { lines?: number }) {
  const say = useWords();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), SKELETON_AFTER);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{say("state.loading")}</span>
      {isShown && LINES.slice(0, lines).map((width) => <span key={width} className={`skeleton ${width}`} />)}
    </div>
  );
}

const LINES = ["w-40", "w-90", "w-75", "w-85", "w-60", "w-80", "w-70", "w-50"] as const;

interface NoticeProps {
  icon: IconName;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  tone?: "bad";
  /** Said by screen readers when it comes up. */
  live?: "status" | "alert";
}

/** The frame of every state: an icon, a sentence, what it means, what to do next. */
export function Notice({ icon, title, children, action, tone, live }: NoticeProps) {
  return (
    <div className={tone ? `notice ${tone}` : "notice"} {...(live ? { role: live } : {})}>
      <Icon name={icon} />
      <div className="stack tight">
        <p className="notice-title">{title}</p>
        {children}
        {action && <div className="row">{action}</div>}
      </div>
    </div>
  );
}

/** Nothing here yet. Always with a next step: a sentence, a button, or both. */
export function Empty({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <Notice icon="check" title={title} action={action}>
      {children && <p className="muted">{children}</p>}
    </Notice>
  );
}

/** Nothing matches the filters: they stay where they are, and one button clears them. */
export function FilteredEmpty({ onClear }: { onClear: () => void }) {
  const say = useWords();
  return (
    <Notice
      icon="search"
      title={say("state.filtered.title")}
      live="status"
      action={<Button onPress={onClear}>{say("state.filtered.clear")}</Button>}
    >
      <p className="muted">{say("state.filtered.detail")}</p>
    </Notice>
  );
}

/** What stands below is from an earlier moment, and the console is trying again. */
export function Stale({ at }: { at: Date }) {
  const say = useWords();
  const formats = useFormats();
  return (
    <p className="stale" role="status">
      <Icon name="refresh" />
      <span>{say("state.stale", { time: formats.time(at), zone: formats.zoneName(at) })}</span>
    </p>
  );
}

/** Not for this person: what was wanted, why not, and whom to ask. */
export function Forbidden({ problem }: { problem: Problem }) {
  const say = useWords();
  const words = useReasonWords()(problem.reason);
  const ask = problem.askFor;
  return (
    <Notice icon="lock" title={words?.what ?? say("state.forbidden.title")}>
      <p className="muted">
        {ask ? say("state.forbidden.ask", { who: ask }) : (words?.act ?? say("state.forbidden.ask-admin"))}
      </p>
      <ReasonLine problem={problem} />
    </Notice>
  );
}

/** It failed: what that means and what to do, the server's own reason, its code, and a way to try again. */
export function ErrorState({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  const say = useWords();
  const words = useReasonWords()(problem.reason);
  const plain = problem.kind === "missing" ? say("state.missing.title") : say("state.error.title");
  return (
    <Notice
      icon="warning"
      title={words?.what ?? plain}
      tone="bad"
      live="alert"
      action={onRetry && <Button onPress={onRetry}>{say("state.retry")}</Button>}
    >
      {words && <p>{words.act}</p>}
      {!words && problem.detail === "" && <p>{say("state.error.unexplained")}</p>}
      <ReasonLine problem={problem} />
    </Notice>
  );
}

/** The server's own words and its code, for whoever has to pass them on. */
export function ReasonLine({ problem }: { problem: Problem }) {
  const say = useWords();
  return (
    <p className="notice-codes">
      {problem.detail !== "" && <ServerWords text={problem.detail} wording={problem.wording} />}
      <span>{say("state.error.reason", { reason: problem.reason })}</span>
      {problem.reference && <span>{say("state.error.reference", { reference: problem.reference })}</span>}
    </p>
  );
}

/** No connection, and nothing kept to show. */
export function Offline({ onRetry }: { onRetry?: (() => void) | undefined }) {
  const say = useWords();
  return (
    <Notice
      icon="offline"
      title={say("state.offline.title")}
      live="alert"
      action={onRetry && <Button onPress={onRetry}>{say("state.retry")}</Button>}
    >
      <p className="muted">{say("state.offline.detail")}</p>
    </Notice>
  );
}

/** The state that goes with a problem. */
export function ProblemState({ problem, onRetry }: { problem: Problem; onRetry?: (() => void) | undefined }) {
  if (problem.kind === "offline") return <Offline onRetry={onRetry} />;
  if (problem.kind === "forbidden") return <Forbidden problem={problem} />;
  return <ErrorState problem={problem} onRetry={onRetry} />;
}

export interface ServerWordsProps {
  /** The sentence in English. */
  text: string;
  /** What it is made of, for other languages; null where it is told in English alone. */
  wording?: Wording | null | undefined;
  /** Classes beside the one that makes its first letter a capital. */
  className?: string;
}

/** The sentence, beginning with a capital. Most screens say nothing of the kind: whoever does loads the words. */
export function ServerWords({ text, wording, className = "" }: ServerWordsProps) {
  const classes = `server-words ${className}`;
  const { locale } = useFormats();
  const english = <span lang="en">{coded(text)}</span>;
  return (
    <span className={classes}>
      {wording ? (
        <Suspense fallback={isTold(locale) ? <span className="coming">{english}</span> : english}>
          <Told text={text} wording={wording} />
        </Suspense>
      ) : (
        english
      )}
    </span>
  );
}

/** The same in words; what is in English all the same is marked as such. */
function Told({ text, wording }: { text: string; wording: Wording }) {
  const { locale } = useFormats();
  const teller = tellerHere(locale) ?? use(tellerOf(locale));
  const pieces = teller(wording) ?? [{ at: 0, text, isEnglish: true }];
  return pieces.map((piece) =>
    piece.isEnglish ? (
      <span key={piece.at} lang="en">
        {coded(piece.text)}
      </span>
    ) : (
      <Fragment key={piece.at}>{coded(piece.text)}</Fragment>
    ),
  );
}
