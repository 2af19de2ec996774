/** What came of a pack: one sentence, five verdicts each with its meaning, and what was looked at. */
import { useEffect, useRef } from "react";
import { Button, Facts, Hash, type IconName, Tag, type Tone } from "../../design";
import { evidenceTime, type MessageKey, useFormats, useWords } from "../../i18n";
import type { Outcome, Report, Status, Verdict } from "../../verify/client";
import { StrengthText } from "./Strength";

/** One verification that ended by itself. */
export interface Done {
  readonly name: string;
  readonly size: number;
  readonly at: Date;
  /** Milliseconds. */
  readonly took: number;
  readonly outcome: Outcome;
}

const LOOKS: Readonly<Record<Status, { tone: Tone; icon: IconName; words: MessageKey }>> = {
  passed: { tone: "good", icon: "check", words: "verify.status.passed" },
  failed: { tone: "bad", icon: "failed", words: "verify.status.failed" },
  "not run": { tone: "neutral", icon: "unchecked", words: "verify.status.not-run" },
  "not determinable": { tone: "soon", icon: "info", words: "verify.status.unknown" },
};

/** The result; it takes the focus, so that a screen reader begins to read it. */
export function Result({ done, hasKey }: { done: Done; hasKey: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new result is arrived at
  useEffect(() => heading.current?.focus(), [done]);
  const { outcome } = done;
  return (
    <section className="stack pack-result" aria-labelledby="result">
      <div className="row">
        <h2 id="result" ref={heading} tabIndex={-1}>
          {done.name}
        </h2>
        <Summary outcome={outcome} />
      </div>
      {outcome.kind === "verified" ? (
        <Verified report={outcome.report} done={done} hasKey={hasKey} />
      ) : (
        <p className="server-words" lang="en">
          {outcome.text}
        </p>
      )}
    </section>
  );
}

function Summary({ outcome }: { outcome: Outcome }) {
  const say = useWords();
  if (outcome.kind !== "verified") {
    return (
      <Tag tone="bad" icon="failed">
        {say(outcome.kind === "no pack" ? "verify.no-pack" : "verify.bad-trust")}
      </Tag>
    );
  }
  const { good, verdicts } = outcome.report;
  const count = (status: Status) => verdicts.filter((one) => one.status === status).length;
  if (good) {
    return (
      <Tag tone="good" icon="proven">
        {say("verify.proven")}
      </Tag>
    );
  }
  const failed = count("failed");
  if (failed > 0) {
    return (
      <Tag tone="bad" icon="failed">
        {say("verify.not-proven", { count: failed })}
      </Tag>
    );
  }
  return (
    <Tag tone="soon" icon="info">
      {say("verify.undecided", { count: count("not determinable") })}
    </Tag>
  );
}

function Verified({ report, done, hasKey }: { report: Report; done: Done; hasKey: boolean }) {
  const say = useWords();
  const formats = useFormats();
  const { position } = report;
  const facts = [
    ...(position
      ? [
          { name: say("entry.log"), value: <code>{position.origin}</code> },
          { name: say("verify.tree"), value: formats.number(position.size) },
          { name: say("verify.root"), value: <Hash value={position.root} label={say("verify.root")} /> },
        ]
      : []),
    ...(report.entries === null
      ? []
      : [{ name: say("verify.entries"), value: formats.number(report.entries) }]),
    { name: say("ledger.strength"), value: <StrengthText strength={report.strength} /> },
    { name: say("verify.at"), value: <span className="mono">{evidenceTime(done.at)}</span> },
    { name: say("verify.took"), value: say("verify.took.ms", { count: Math.round(done.took) }) },
  ];
  return (
    <>
      <ol className="checks">
        {report.verdicts.map((verdict) => (
          <VerdictLine key={verdict.number} verdict={verdict} hasKey={hasKey} />
        ))}
      </ol>
      <Facts facts={facts} />
      {report.notes.map((note) => (
        <p key={note} className="muted small server-words" lang="en">
          {note}
        </p>
      ))}
      <div className="row no-print">
        <Button onPress={() => window.print()}>{say("entry.print")}</Button>
      </div>
    </>
  );
}

/** One verdict: its name, its status, what that means, and the verifier's own words. */
function VerdictLine({ verdict, hasKey }: { verdict: Verdict; hasKey: boolean }) {
  const say = useWords();
  const { number, status } = verdict;
  const { tone, icon, words } = LOOKS[status];
  const means = meaningOf(verdict, hasKey);
  return (
    <li className="verdict" data-verdict={number} data-status={status}>
      <span className="verdict-number" aria-hidden="true">
        {number}
      </span>
      <div className="check-words">
        <div className="row">
          <h3>{say(`verify.verdict.${number}`)}</h3>
          <Tag tone={tone} icon={icon}>
            {say(words)}
          </Tag>
        </div>
        {means && <p>{say(means)}</p>}
        <p className="muted small server-words" lang="en">
          {verdict.text}
        </p>
      </div>
    </li>
  );
}

function meaningOf({ number, status }: Verdict, hasKey: boolean): MessageKey | null {
  if (status === "passed") return null;
  if (status === "not run") return "verify.means.not-run";
  if (status === "not determinable") return hasKey ? "verify.means.unknown" : "verify.means.no-key";
  return number === 5 ? null : `verify.means.${number}`;
}
