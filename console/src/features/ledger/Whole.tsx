/** The whole ledger verified by the server, in a process of its own, with its progress. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useWrite } from "../../api/writing";
import { Button, Empty, Facts, problemOf, QueryView, Tag, Time, WriteProblem } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { faultOfVkey, usePinned } from "../assurance/pinned";
import { KeyField } from "./KeyField";
import { StrengthText } from "./Strength";

type Verification = components["schemas"]["VerificationAnswer"];
type Report = components["schemas"]["ReportValue"];

const KEY = ["ledger", "verification"];
const LOOK = 1_000; // ms between two looks while it runs

/** How far it is or what it found, and the button that begins one. */
export default function Whole() {
  const say = useWords();
  const [pinned, pin] = usePinned();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => given(client.GET("/v1/ledger/verification", { signal })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? LOOK : false),
  });
  const isFault = faultOfVkey(pinned) !== undefined;
  const begin = useWrite({
    send: () => {
      const vkeys = pinned.trim() === "" ? [] : [pinned.trim()];
      return given(client.POST("/v1/ledger/verification", { body: { vkeys } }));
    },
    onSuccess: (answer) => queries.setQueryData(KEY, answer),
  });
  const isRunning = query.data?.state === "running";
  return (
    <div className="split">
      <div className="stack">
        <p className="measure muted">{say("whole.lead")}</p>
        <div className="row no-print">
          <Button
            kind="primary"
            busy={begin.isPending || isRunning}
            disabled={isFault}
            onPress={() => begin.mutate()}
          >
            {say("whole.begin")}
          </Button>
        </div>
        {begin.error && <WriteProblem problem={problemOf(begin.error)} />}
        <QueryView
          query={query}
          isEmpty={(found) => found.state === "none"}
          empty={<Empty title={say("whole.none")}>{say("whole.none.detail")}</Empty>}
        >
          {(found) => <Found found={found} />}
        </QueryView>
      </div>
      <aside className="pane stack no-print">
        <h2>{say("verify.trust")}</h2>
        <KeyField value={pinned} onChange={pin} hint={say("whole.trust")} />
      </aside>
    </div>
  );
}

function Found({ found }: { found: Verification }) {
  const say = useWords();
  const formats = useFormats();
  if (found.state === "running") {
    const { doing = "", done = 0, of = 0 } = found.progress ?? {};
    return (
      <label className="stack tight">
        <span>
          {say("whole.running", { done: formats.number(done), of: formats.number(of) })}{" "}
          <span className="muted" lang="en">
            {doing}
          </span>
        </span>
        <progress className="check-progress" max={Math.max(of, 1)} {...(of > 0 ? { value: done } : {})} />
      </label>
    );
  }
  if (found.report === null) return <Empty title={say("whole.ended")}>{say("whole.ended.detail")}</Empty>;
  return <Told report={found.report} endedAt={found.ended_at ?? null} />;
}

const TONES = { passed: "good", failed: "bad", "not run": "neutral" } as const;
const ICONS = { passed: "check", failed: "failed", "not run": "unchecked" } as const;
const WORDS = {
  passed: "verify.status.passed",
  failed: "verify.status.failed",
  "not run": "verify.status.not-run",
} as const;

/** The twelve checks, the first fault, the strength. */
function Told({ report, endedAt }: { report: Report; endedAt: string | null }) {
  const say = useWords();
  const formats = useFormats();
  return (
    <section className="stack" aria-labelledby="report">
      <div className="row">
        <h2 id="report">{say("whole.report")}</h2>
        <Tag tone={report.sound ? "good" : "bad"} icon={report.sound ? "proven" : "failed"}>
          {say(report.sound ? "whole.sound" : "whole.not-sound")}
        </Tag>
      </div>
      {report.finding && (
        <div className="told-answer no">
          <p className="check-title">{say("whole.finding")}</p>
          <pre className="finding">{JSON.stringify(report.finding, null, 2)}</pre>
        </div>
      )}
      <ol className="checks" aria-label={say("whole.checks")}>
        {report.checks.map((check) => (
          <li key={check.number} className="verdict" data-status={check.status}>
            <span className="verdict-number" aria-hidden="true">
              {check.number}
            </span>
            <div className="check-words">
              <div className="row">
                <h3 className="inline">
                  <CheckName number={check.number} name={check.name} />
                </h3>
                <Tag tone={TONES[check.status]} icon={ICONS[check.status]}>
                  {say(WORDS[check.status])}
                </Tag>
              </div>
              {check.note && (
                <p className="muted small server-words" lang="en">
                  {check.note}
                </p>
              )}
            </div>
          </li>
        ))}
      </ol>
      <Facts
        facts={[
          { name: say("entry.log"), value: <code>{report.origin}</code> },
          { name: say("verify.tree"), value: formats.number(report.size) },
          { name: say("ledger.strength"), value: <StrengthText strength={report.strength} /> },
          {
            name: say("whole.rollback"),
            value: say(report.rollback_detectable ? "whole.rollback.yes" : "whole.rollback.no"),
          },
          ...(endedAt ? [{ name: say("verify.at"), value: <Time at={endedAt} evidence /> }] : []),
        ]}
      />
      {report.notes.map((note) => (
        <p key={note} className="muted small server-words" lang="en">
          {note}
        </p>
      ))}
      <div className="row no-print">
        <Button onPress={() => window.print()}>{say("entry.print")}</Button>
      </div>
    </section>
  );
}

/** What a check looks at, by its number, which never changes its meaning. */
function CheckName({ number, name }: { number: number; name: string }) {
  const say = useWords();
  const key = `whole.check.${number}`;
  return say.knows(key) ? say(key) : <span lang="en">{name}</span>;
}
