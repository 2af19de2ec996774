/** One step of an instance: what it waits for and since when, its timers, and every visit to it. */
import { useMay } from "../../api/session";
import { ButtonLink, Due, type Fact, Facts, Tag, Time, type Tone } from "../../design";
import { type MessageKey, type Say, useFormats, useWords } from "../../i18n";
import type { Drawing, Instance, LiveVisit } from "./queries";
import { WhoText } from "./WhoText";

type Step = Drawing["steps"][number];

const TONES: Readonly<Record<Step["status"], Tone>> = {
  untouched: "neutral",
  waiting: "soon",
  active: "accent",
  done: "good",
  skipped: "neutral",
  stopped: "neutral",
  failed: "bad",
};

/** The pane beside the drawing. */
export function StepDetails(props: { drawing: Drawing; instance: Instance; node: string | null }) {
  const say = useWords();
  const { drawing, instance } = props;
  const node = drawing.diagram.nodes.find((one) => one.id === props.node);
  if (node === undefined) return <p className="muted">{say("instances.step.choose")}</p>;
  const step = drawing.steps.find((one) => one.step === node.step);
  return (
    <section className="pane stack step-details" aria-labelledby="step-title">
      <div className="row apart">
        <h2 id="step-title">{node.title}</h2>
        {step && <Tag tone={TONES[step.status]}>{say(`diagram.status.${step.status}`)}</Tag>}
      </div>
      {step?.live.map((visit) => (
        <Live key={`${visit.id} ${visit.since}`} visit={visit} instance={instance} step={step.step} />
      ))}
      {step === undefined ? (
        <Facts facts={[{ name: say("instances.started"), value: <Time at={instance.started_at} /> }]} />
      ) : (
        <Visits visits={drawing.visits.filter((visit) => visit.step === step.step)} />
      )}
    </section>
  );
}

/** What a live visit waits for, in words. */
export function waitWords(say: Say, visit: LiveVisit): string {
  const states: Readonly<Record<LiveVisit["state"], MessageKey>> = {
    entered: "instances.state.entered",
    offered: "instances.state.offered",
    claimed: "instances.state.claimed",
    created: "instances.state.created",
    requested: "instances.state.requested",
    "backing off": "instances.state.backing-off",
    waiting: "instances.state.waiting",
    running: "instances.state.running",
    joining: "instances.state.joining",
    held: "instances.state.held",
  };
  return say(states[visit.state]);
}

/** To whom it is offered, as the inbox says it: whoever has a role, or an authority of a kind. */
export function offeredTo(say: Say, visit: LiveVisit): string {
  const { role, decision_kind: kind } = visit;
  return say(role === "" ? "inbox.who.authority" : "inbox.who.role", {
    who: (role || kind).replaceAll("-", " "),
  });
}

function Live({ visit, instance, step }: { visit: LiveVisit; instance: Instance; step: string }) {
  const say = useWords();
  const may = useMay();
  const timers = instance.steps.filter((one) => one.step === step).flatMap((one) => one.timers);
  const isOffered = visit.role !== "" || visit.decision_kind !== "";
  const facts: Fact[] = [
    { name: say("instances.step.waits"), value: waitWords(say, visit) },
    ...(visit.state === "claimed"
      ? [{ name: say("instances.step.held-by"), value: <WhoText who={visit.holder_ref} /> }]
      : []),
    ...(!isOffered ? [] : [{ name: say("instances.step.offered-to"), value: offeredTo(say, visit) }]),
    { name: say("instances.step.since"), value: <Time at={visit.since} /> },
    ...(visit.due_at === null ? [] : [{ name: say("instances.due"), value: <Due at={visit.due_at} /> }]),
    ...timers
      .filter((timer) => timer.name !== "deadline" || timer.due_at !== visit.due_at)
      .map((timer) => ({ name: say(`instances.timer.${timer.name}`), value: <Time at={timer.due_at} /> })),
  ];
  return (
    <div className="stack tight">
      <Facts facts={facts} />
      <div className="row">
        {visit.id !== "" && (
          <ButtonLink small href={`/inbox/${visit.id}`} icon="arrow">
            {say("instances.step.task")}
          </ButtonLink>
        )}
        {visit.state === "running" && visit.holder !== "" && (
          <ButtonLink small href={`/instances/${visit.holder}`} icon="arrow">
            {say("instances.step.child")}
          </ButtonLink>
        )}
        {visit.incident !== null && may("incident:read") && (
          <ButtonLink small href={`/incidents?instance=${instance.id}`} icon="warning">
            {say("instances.step.incident")}
          </ButtonLink>
        )}
      </div>
    </div>
  );
}

/** Every visit, the latest first: when, how long, and how it ended. */
function Visits({ visits }: { visits: Drawing["visits"] }) {
  const say = useWords();
  const formats = useFormats();
  if (visits.length === 0) return <p className="muted">{say("instances.step.untouched")}</p>;
  return (
    <div className="stack tight">
      <h3>{say("instances.step.visits")}</h3>
      <ol className="visits">
        {[...visits].reverse().map((visit) => (
          <li key={visit.activation}>
            <Time at={visit.entered_at} relative={false} />
            <span className="muted small">
              {visit.left_at === null
                ? say("instances.visit.goes-on")
                : say(`instances.visit.${visit.how}`, {
                    span: formats.span((visit.left_at - visit.entered_at) / 1_000_000),
                  })}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
