/** Incidents as a table: open ones can be ticked and resolved together, resolved ones say what became of them. */
import { lazy, useState } from "react";
import { Link } from "react-router";
import { useMay } from "../../api/session";
import { Button, ServerWords, Table, Tag, Time, type Tone, useAsking } from "../../design";
import { type MessageKey, useFormats, useWords } from "../../i18n";
import { KeyText } from "../instances/Shown";
import type { Batch, Incident } from "./queries";
import { useCodeWords, usePlaceWords } from "./words";

/** Its fields are loaded when somebody asks for it. */
const ResolveDialog = lazy(() => import("./ResolveDialog"));
const AssignDialog = lazy(() => import("./AssignDialog"));

/** The table, and what is done with those that are ticked. */
export function IncidentTable(props: {
  label: string;
  incidents: readonly Incident[];
  /** All of one cause: then what is wrong, and where, stands above them. */
  isOneCause?: boolean;
  onBatch: (batch: Batch) => void;
}) {
  const say = useWords();
  const formats = useFormats();
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const ask = useAsking();
  const mayAssign = useMay()("incident:assign");
  const codeWords = useCodeWords();
  const { incidents } = props;
  const zone = formats.zoneName(new Date());
  const open = incidents.filter((one) => one.state === "open" && (one.barred === null || mayAssign));
  const chosen = open.filter((one) => ticked.has(one.id));
  const solvable = chosen.filter((one) => one.barred === null);
  const resolve = () =>
    ask((close) => (
      <ResolveDialog
        incidents={solvable}
        onClose={close}
        onDone={(batch) => {
          close();
          setTicked(new Set());
          props.onBatch(batch);
        }}
      />
    ));
  const assign = () =>
    ask((close) => (
      <AssignDialog
        incidents={chosen}
        onClose={() => {
          close();
          setTicked(new Set());
        }}
      />
    ));
  return (
    <div className="stack tight">
      <Table
        label={props.label}
        rows={incidents}
        rowKey={(row) => row.id}
        {...(open.length > 0 ? { ticked, onTick: setTicked } : {})}
        columns={[
          {
            key: "key",
            title: say("instances.column.key"),
            heads: true,
            cell: (row) => (
              <>
                <Link to={`/instances/${row.instance}?tab=timeline`}>
                  <KeyText value={row.business_key} />
                </Link>
                {row.test && <span className="under">{say("instances.test")}</span>}
                {!props.isOneCause && <span className="under">{row.step_title}</span>}
              </>
            ),
          },
          {
            key: "what",
            title: say(props.isOneCause ? "incidents.where" : "incidents.what"),
            cell: (row) => (
              <>
                {!props.isOneCause && <span className="mono">{row.code}</span>}
                {!props.isOneCause && <span className="under">{codeWords(row.code)}</span>}
                <PlaceText place={row.place} isUnder={!props.isOneCause} />
              </>
            ),
          },
          {
            key: "raised",
            title: say("incidents.raised", { zone }),
            cell: (row) => <Time at={row.raised_at} zone={false} />,
          },
          {
            key: "standing",
            title: say("instances.column.status"),
            cell: (row) => <StandingTag incident={row} />,
          },
        ]}
      />
      {open.length > 0 && (
        <div className="row no-print">
          {open.some((one) => one.barred === null) && (
            <Button disabled={solvable.length === 0} onPress={resolve}>
              {say("incidents.resolve.ticked", { count: solvable.length })}
            </Button>
          )}
          {mayAssign && (
            <Button disabled={chosen.length === 0} onPress={assign}>
              {say("incidents.assign", { count: chosen.length })}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

const SINCE: Readonly<Record<Exclude<Incident["since"], "">, { tone: Tone; words: MessageKey }>> = {
  "under way": { tone: "soon", words: "incidents.standing.under-way" },
  "held again": { tone: "bad", words: "incidents.standing.held-again" },
  finished: { tone: "good", words: "incidents.standing.recovered" },
  cancelled: { tone: "neutral", words: "incidents.standing.cancelled" },
};

/** Ways by which the step was not finished, but gone past. */
const PAST: Readonly<Record<string, MessageKey>> = {
  skip: "incidents.standing.skipped",
  left: "incidents.standing.left",
  other: "incidents.standing.moved",
};

/** How an incident stands. Nothing is called recovered before its step was finished. */
function StandingTag({ incident }: { incident: Incident }) {
  const say = useWords();
  if (incident.since === "") {
    return (
      <>
        <Tag tone="bad" icon="warning">
          {say("incidents.standing.open")}
        </Tag>
        <span className="under">
          {incident.assignee === ""
            ? say("incidents.owner", { role: incident.role })
            : say("incidents.assignee", { who: incident.assignee })}
        </span>
        {incident.barred !== null && (
          <ServerWords text={incident.barred.detail} wording={incident.barred.wording} className="under" />
        )}
      </>
    );
  }
  const past = PAST[incident.how];
  const { tone, words } = SINCE[incident.since];
  return (
    <>
      <Tag tone={past === undefined ? tone : "neutral"}>{say(past ?? words)}</Tag>
      {incident.resolved_at !== null && (
        <span className="under">
          {incident.how === "retry" || incident.how === "correct"
            ? say(`incidents.how.${incident.how}.done`)
            : ""}{" "}
          <Time at={incident.resolved_at} zone={false} relative={false} />
        </span>
      )}
    </>
  );
}

/** Where in the step; a place without words is shown as the service names it. */
function PlaceText({ place, isUnder }: { place: string; isUnder: boolean }) {
  const words = usePlaceWords()(place);
  return (
    <span className={`${isUnder ? "under" : ""}${words === undefined ? " mono" : ""}`}>{words ?? place}</span>
  );
}
