/** One instance: where it is, what happened, what it knows, and what proves it. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import { Due, Placeholder, QueryView, Tabs, Tag, Time } from "../../design";
import { startWords } from "../../diagram/start_words";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { usePrinted } from "../../shell/printed";
import type { Place } from "../../shell/screens";
import { InstanceActs, Steered } from "./Acts";
import { BeginBranch } from "./BeginBranch";
import { DataTab } from "./DataTab";
import { ProgressTab } from "./ProgressTab";
import { type Instance, instanceQuery, progressQuery } from "./queries";
import { StatusTag, useKeyWords } from "./Shown";
import { TimelineTab } from "./TimelineTab";
import { stepsOf } from "./timeline";
import { WhoText } from "./WhoText";
import "./instances.css";

/** Only who looks for evidence loads how it is shown. */
const EvidenceTab = lazy(() => import("./EvidenceTab"));

/** The instance, and where it is on its drawing. */
export function ask(queries: QueryClient, { params: { id = "" } }: Place): void {
  void queries.prefetchQuery(instanceQuery(id));
  void queries.prefetchQuery(progressQuery(id));
}

/** The screen. */
export function Component() {
  const say = useWords();
  const wordsOf = useKeyWords();
  const { id = "" } = useParams();
  const instance = useQuery(instanceQuery(id));
  const { data } = instance;
  usePrinted(data === undefined ? null : say("print.instance", { id, digest: data.version }));
  useLive(data === undefined ? null : `instance:${id}`, [["instance", id]]);
  return (
    <Page
      title={data === undefined ? say("instances.one") : wordsOf(data.business_key)}
      lead={data && <Lead instance={data} />}
      actions={data && <InstanceActs instance={data} />}
    >
      <QueryView query={instance} lines={8}>
        {(known) => (
          <>
            <Summary instance={known} />
            <Steered instance={known} />
            <Views instance={known} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

/** What it is an instance of. */
function Lead({ instance }: { instance: Instance }) {
  const say = useWords();
  const may = useMay();
  const words = say("instances.on-version", { title: instance.title, version: instance.number });
  return (
    <span className="row tight-row">
      {may("blueprint:read") ? (
        <Link to={`/blueprints/${instance.blueprint}/v/${instance.number}`}>{words}</Link>
      ) : (
        words
      )}
      <span aria-hidden="true">·</span>
      {instance.domain}
      {instance.parent !== "" && (
        <>
          <span aria-hidden="true">·</span>
          <Link to={`/instances/${instance.parent}`}>{say("instances.parent")}</Link>
        </>
      )}
    </span>
  );
}

/** How it stands, in one line. */
function Summary({ instance }: { instance: Instance }) {
  const say = useWords();
  const { title } = stepsOf(useQuery(progressQuery(instance.id)).data);
  const at = [...new Set(instance.steps.map((step) => step.step))];
  const due = instance.tasks.flatMap((task) => (task.due_at === null ? [] : [task.due_at]));
  const isHeld = instance.steps.some((step) => step.incident !== null);
  return (
    <>
      <BeginBranch instance={instance} title={title} />
      <dl className="summary">
        <div>
          <dt>{say("instances.column.status")}</dt>
          <dd className="row">
            <StatusTag status={instance.status} />
            {instance.outcome !== "" && <strong>{instance.outcome}</strong>}
            {isHeld && (
              <Tag tone="bad" icon="warning">
                {say("instances.held")}
              </Tag>
            )}
          </dd>
        </div>
        {at.length > 0 && (
          <div>
            <dt>{say("instances.column.steps")}</dt>
            <dd>{at.map(title).join(", ")}</dd>
          </div>
        )}
        {due.length > 0 && (
          <div>
            <dt>{say("instances.due")}</dt>
            <dd>
              <Due at={Math.min(...due)} />
            </dd>
          </div>
        )}
        {instance.late_at !== null && instance.status === "active" && (
          <div>
            <dt>{say("instances.late-at")}</dt>
            <dd>
              <Due at={instance.late_at} />
            </dd>
          </div>
        )}
        {instance.stopped_since !== null && (
          <div>
            <dt>{say("instances.clock-stopped")}</dt>
            <dd>
              {say("instances.clock-stopped.since")} <Time at={instance.stopped_since} />
            </dd>
          </div>
        )}
        <div>
          <dt>{say("instances.started")}</dt>
          <dd>
            <Time at={instance.started_at} relative={instance.ended_at === null} />{" "}
            <span className="muted">
              {say("instances.by")} <WhoText who={instance.initiator_ref} />
              {instance.begun_by !== "" && <> · {startWords(say, instance.begun_by)}</>}
            </span>
          </dd>
        </div>
        {instance.ended_at !== null && (
          <div>
            <dt>{say("instances.ended")}</dt>
            <dd>
              <Time at={instance.ended_at} />
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

const VIEWS = ["diagram", "timeline", "data", "evidence"] as const;

/** The four views; the one that is shown stands in the address. */
function Views({ instance }: { instance: Instance }) {
  const say = useWords();
  const [params, setParams] = useSearchParams();
  const stated = VIEWS.find((view) => view === params.get("tab"));
  const select = (tab: string) =>
    setParams(
      (before) => {
        before.set("tab", tab);
        return before;
      },
      { replace: true },
    );
  return (
    <Tabs
      label={say("instances.views")}
      selected={stated ?? "diagram"}
      onSelect={select}
      tabs={[
        { id: "diagram", title: say("instances.tab.diagram"), content: <ProgressTab instance={instance} /> },
        {
          id: "timeline",
          title: say("instances.tab.timeline"),
          content: <TimelineTab instance={instance} />,
        },
        {
          id: "data",
          title: say("instances.tab.data"),
          count: Object.keys(instance.data).length,
          content: <DataTab instance={instance} />,
        },
        {
          id: "evidence",
          title: say("instances.tab.evidence"),
          content: (
            <Suspense fallback={<Placeholder />}>
              <EvidenceTab instance={instance} />
            </Suspense>
          ),
        },
      ]}
    />
  );
}
