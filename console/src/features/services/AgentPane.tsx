/** One agent: its profile in force, and the figures of each of its versions. */
import { Facts, Hash, Table, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Agreement, Overridden } from "./Agents";
import { Gates } from "./Gates";
import { Outcomes } from "./Outcomes";
import { BreakerTag, LimitWords, Opened } from "./parts";
import type { Agent, AgentVersion } from "./queries";

/** The pane below the list. */
export function AgentPane({ agent }: { agent: Agent }) {
  const say = useWords();
  return (
    <section className="pane stack service-pane" aria-label={visible(agent.title)}>
      <Opened name={agent.name}>
        <span>{visible(agent.title)}</span>
        <span className="muted">{say("connectors.version.number", { version: agent.version })}</span>
        <BreakerTag state={agent.breaker} />
      </Opened>
      <Profile agent={agent} />
      <details>
        <summary>{say("agents.prompt")}</summary>
        <div className="stack tight">
          <p className="prompt-text mono">{visible(agent.prompt)}</p>
          <Hash value={agent.prompt_digest} label={say("agents.prompt.digest")} />
        </div>
      </details>
      <section className="stack tight" aria-labelledby="agent-gates">
        <h3 id="agent-gates">{say("agents.gates")}</h3>
        {agent.gates === null || agent.gates.length === 0 ? (
          <p className="muted">{say(agent.gates === null ? "agents.gates.shut" : "agents.gates.none")}</p>
        ) : (
          <Gates gates={agent.gates} />
        )}
      </section>
      <section className="stack tight" aria-labelledby="agent-figures">
        <h3 id="agent-figures">{say("agents.figures")}</h3>
        {agent.versions.length === 0 ? (
          <p className="muted">{say("agents.figures.none")}</p>
        ) : (
          <Versions versions={agent.versions} />
        )}
        {agent.figures.reviewed > 0 && <Outcomes agent={agent.name} />}
      </section>
    </section>
  );
}

function Profile({ agent }: { agent: Agent }) {
  const say = useWords();
  return (
    <Facts
      facts={[
        {
          name: say("agents.model"),
          value: say("agents.model.version", { model: agent.model, version: agent.model_version }),
        },
        {
          name: say("agents.reached"),
          value: (
            <span className="leads-to">
              {agent.endpoint ?? say("agents.worker", { type: agent.worker ?? "" })}
            </span>
          ),
        },
        { name: say("agents.sees"), value: say("agents.sees.class", { class: agent.sees }) },
        { name: say("agents.tools"), value: agent.tools.join(", ") || say("agents.none") },
        {
          name: say("agents.serves"),
          value:
            agent.serves.length === 0 ? (
              say("agents.serves.by-name")
            ) : (
              <ul className="bare-list">
                {agent.serves.map((one) => (
                  <li key={`${one.task} ${one.order}`}>
                    {say("agents.serves.one", { task: one.task, order: one.order })}
                    {one.when != null && (
                      <>
                        {" "}
                        <span className="mono">{say("agents.serves.when", { when: one.when })}</span>
                      </>
                    )}
                  </li>
                ))}
              </ul>
            ),
        },
        {
          name: say("agents.limits"),
          value: <LimitWords atOnce={agent.limits.at_once} perMinute={agent.limits.per_minute} />,
        },
        { name: say("agents.credential"), value: agent.credential ?? say("connectors.credential.none") },
        { name: say("agents.calibration"), value: <Calibration agent={agent} /> },
      ]}
    />
  );
}

/** What labelled outcomes say of its confidence, beside what came of its answers; or why that is not known. */
function Calibration({ agent }: { agent: Agent }) {
  const say = useWords();
  const formats = useFormats();
  const { calibration, evidence, figures } = agent;
  if (calibration === null) return say("agents.calibration.none");
  const { number } = formats;
  return (
    <div className="stack tight">
      {evidence !== null && (
        <ul className="bare-list">
          <li>
            {say("agents.calibration.outcomes", {
              count: number(evidence.all.count),
              correct: number(evidence.all.correct),
            })}
          </li>
          <li>
            {say("agents.calibration.threshold", {
              confidence: evidence.threshold.confidence,
              count: number(evidence.threshold.count),
              correct: number(evidence.threshold.correct),
              low: evidence.threshold.low,
              level: evidence.level,
              wished: evidence.wished,
            })}
          </li>
          <li>
            {say("agents.calibration.agreement", {
              agreement: number(figures.accepted),
              reviewed: number(figures.reviewed),
            })}
          </li>
        </ul>
      )}
      <span className="row tight-row">
        {say(evidence === null ? "agents.calibration.rests" : "agents.calibration.evidence")}
        <Hash value={calibration} label={say("agents.calibration.digest")} />
      </span>
      {evidence !== null && (
        <span className="row tight-row">
          {say("agents.calibration.labelled.are")}
          <Hash value={evidence.outcomes} label={say("agents.calibration.labelled")} />
        </span>
      )}
    </div>
  );
}

function Versions({ versions }: { versions: readonly AgentVersion[] }) {
  const say = useWords();
  const formats = useFormats();
  return (
    <Table
      label={say("agents.figures")}
      rows={versions}
      rowKey={(row) => row.digest}
      columns={[
        {
          key: "version",
          title: say("connectors.version"),
          cell: (row) => (row.version === null ? `${row.digest.slice(0, 8)}…` : formats.number(row.version)),
        },
        {
          key: "asked",
          title: say("agents.asked"),
          align: "end",
          cell: (row) => formats.number(row.asked),
        },
        {
          key: "passed",
          title: say("agents.passed"),
          align: "end",
          cell: (row) => formats.number(row.passed),
        },
        {
          key: "given",
          title: say("agents.given"),
          align: "end",
          cell: (row) => formats.number(row.referred),
        },
        {
          key: "agreement",
          title: say("agents.agreement"),
          align: "end",
          cell: (row) => <Agreement figures={row} />,
        },
        {
          key: "overridden",
          title: say("agents.overridden"),
          align: "end",
          cell: (row) => <Overridden figures={row} />,
        },
        {
          key: "time",
          title: say("agents.time"),
          align: "end",
          cell: (row) =>
            row.time_on_task_ms === null ? (
              <span className="muted">–</span>
            ) : (
              formats.span(Math.max(1, Math.round(row.time_on_task_ms / 1_000)))
            ),
        },
        {
          key: "tokens",
          title: say("agents.tokens"),
          align: "end",
          cell: (row) => `${formats.number(row.tokens_in)}, ${formats.number(row.tokens_out)}`,
        },
      ]}
    />
  );
}
