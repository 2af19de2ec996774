/** Incidents: open ones by what caused them, with what can be done; resolved ones with what became of them. */
import { type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import {
  Button,
  Count,
  Empty,
  PagedView,
  Placeholder,
  ProblemState,
  problemOf,
  QueryView,
  ServerWords,
  Tabs,
  Tag,
  Time,
  useAsking,
} from "../../design";
import { useWords } from "../../i18n";
import { type Filtering, type Filters, filtersAt, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { part } from "../../shell/part";
import type { Place } from "../../shell/screens";
import { AsOf } from "../instances/Paging";
import { BatchStanding } from "./BatchStanding";
import { IncidentTable } from "./IncidentTable";
import {
  type Batch,
  type Cause,
  causesQuery,
  FILTERS,
  type Filter,
  incidentsQuery,
  LISTED,
  TOGETHER,
  togetherQuery,
} from "./queries";
import { useCodeWords } from "./words";
import "../instances/instances.css";
import "./incidents.css";

/** Loaded beside what is listed, not before it. */
const TestFilter = part(() => import("../instances/TestFilter"));

/** Its fields are loaded when somebody asks for it. */
const ResolveDialog = lazy(() => import("./ResolveDialog"));

/** What open incidents were caused by, with those of the one cause there may be; or the list that is asked for. */
export async function ask(queries: QueryClient, { search }: Place): Promise<void> {
  const filters = filtersAt("incidents", FILTERS, search);
  if (isListed(filters)) void queries.prefetchInfiniteQuery(listedQuery(filters));
  const causes = await queries.fetchQuery(causesQuery(filters.test)).catch(() => undefined);
  const [first, ...others] = shownOf(causes?.items ?? [], filters);
  if (first !== undefined && others.length === 0) {
    void queries.prefetchInfiniteQuery(incidentsQuery(ofCause(first, filters.test)));
  }
}

/** Whether single incidents are shown, and not what they were caused by. */
function isListed(filters: Filters<Filter>): boolean {
  return filters.state === "resolved" || filters.instance !== undefined;
}

function listedQuery(filters: Filters<Filter>) {
  return incidentsQuery({ ...filters, state: filters.state === "resolved" ? "resolved" : "any" });
}

/** The open ones of a cause. */
function ofCause({ blueprint, code, step, domain }: Cause, test: string | undefined): Filters<Filter> {
  const about = { state: "open", blueprint, code, step, domain };
  return test === undefined ? about : { ...about, test };
}

const CHIPS = ["blueprint", "domain", "code", "step", "instance"] as const;

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const filtering = useFilters("incidents", FILTERS);
  const { filters } = filtering;
  const [batch, setBatch] = useState<Batch | null>(null);
  const causes = useQuery(causesQuery(filters.test));
  useLive(may("overview:read") ? "overview" : null, [["incidents"]]);
  const isList = isListed(filters);
  return (
    <Page title={say("incidents.title")} lead={causes.data && <AsOf at={causes.data.as_of} />}>
      <IncidentFilters filtering={filtering} />
      {batch && <BatchStanding key={keyOf(batch)} batch={batch} onClose={() => setBatch(null)} />}
      <Tabs
        label={say("incidents.title")}
        selected={filters.state === "resolved" ? "resolved" : "open"}
        onSelect={(state) => filtering.change({ state })}
        tabs={[
          {
            id: "open",
            title: say("incidents.open"),
            count: isList ? undefined : causes.data && sumOf(shownOf(causes.data.items, filters)),
            content: isList ? (
              <Listed filtering={filtering} onBatch={setBatch} />
            ) : (
              <QueryView
                query={causes}
                isEmpty={(data) => shownOf(data.items, filters).length === 0}
                empty={<Empty title={say("incidents.empty")}>{say("incidents.empty.next")}</Empty>}
                onClearFilters={
                  Object.keys(filters).some((name) => name !== "state") ? filtering.clear : undefined
                }
              >
                {(data) => {
                  const shown = shownOf(data.items, filters);
                  return (
                    <div className="stack">
                      {shown.map((cause) => (
                        <CausePane
                          key={`${cause.blueprint} ${cause.step} ${cause.code} ${cause.role} ${cause.domain}`}
                          cause={cause}
                          test={filters.test}
                          isOpen={shown.length === 1}
                          onBatch={setBatch}
                        />
                      ))}
                    </div>
                  );
                }}
              </QueryView>
            ),
          },
          {
            id: "resolved",
            title: say("incidents.resolved"),
            content: <Listed filtering={filtering} onBatch={setBatch} />,
          },
        ]}
      />
    </Page>
  );
}

/** What was asked for, once: the same incidents may be dealt with again. */
function keyOf({ incidents, bulk }: Batch): string {
  return bulk?.id ?? incidents.map(({ id }) => id).join(" ");
}

/** The causes that the filters leave. */
function shownOf(causes: readonly Cause[], filters: Filters<Filter>): Cause[] {
  return causes.filter((cause) =>
    (["blueprint", "domain", "code", "step"] as const).every(
      (name) => filters[name] === undefined || filters[name] === cause[name],
    ),
  );
}

/** How many incidents they are of. */
function sumOf(causes: readonly Cause[]): number {
  return causes.reduce((sum, cause) => sum + cause.count, 0);
}

/** Whether test mode is among them, and what was filtered for by the link that led here; each can be taken away. */
function IncidentFilters({ filtering }: { filtering: Filtering<Filter> }) {
  const say = useWords();
  const { filters, change } = filtering;
  const set = CHIPS.filter((name) => filters[name] !== undefined);
  return (
    <search className="filters no-print" aria-label={say("instances.filter.label")}>
      {filters.instance === undefined && (
        <Suspense fallback={<Placeholder />}>
          <TestFilter value={filters.test} onChange={(test) => change({ test })} />
        </Suspense>
      )}
      {set.length > 0 && (
        <div className="filters-set">
          {set.map((name) => (
            <Button key={name} small icon="close" onPress={() => change({ [name]: null })}>
              {say(`incidents.filter.${name}`, { value: String(filters[name]) })}
            </Button>
          ))}
        </div>
      )}
    </search>
  );
}

/** A list by itself: resolved ones, or all of one instance. */
function Listed({ filtering, onBatch }: { filtering: Filtering<Filter>; onBatch: (batch: Batch) => void }) {
  const say = useWords();
  const { filters } = filtering;
  const list = useInfiniteQuery(listedQuery(filters));
  return (
    <PagedView
      query={list}
      lines={6}
      more={say("instances.more")}
      empty={<Empty title={say("incidents.resolved.empty")}>{say("incidents.empty.next")}</Empty>}
      onClearFilters={filters.instance === undefined ? undefined : filtering.clear}
    >
      {(rows) => <IncidentTable label={say("incidents.title")} incidents={rows} onBatch={onBatch} />}
    </PagedView>
  );
}

/** One cause: what, where, how many, since when, who has to resolve it; and the incidents when it is opened. */
function CausePane(props: {
  cause: Cause;
  test: string | undefined;
  isOpen: boolean;
  onBatch: (batch: Batch) => void;
}) {
  const say = useWords();
  const { cause } = props;
  const [isOpen, setOpen] = useState(props.isOpen);
  const { code } = cause;
  const what = useCodeWords()(code);
  const list = useInfiniteQuery({ ...incidentsQuery(ofCause(cause, props.test)), enabled: isOpen });
  const all = useAll(cause, props.test, props.onBatch);
  return (
    <section
      className="pane stack cause"
      aria-label={say("incidents.cause", { code, step: cause.step_title })}
    >
      <div className="row apart cause-head">
        <div className="stack tight">
          <h2 className="row">
            <span className="mono">{code}</span>
            <span>{cause.step_title}</span>
            <Count tone="bad">{say("incidents.count", { count: cause.count })}</Count>
          </h2>
          {what !== undefined && <p>{what}</p>}
          <p className="muted">
            {cause.title}
            <span aria-hidden="true"> · </span>
            {say("incidents.since")} <Time at={cause.first_at} />
            <span aria-hidden="true"> · </span>
            {say("incidents.role", { role: cause.role })}
          </p>
        </div>
        <div className="row no-print">
          <Button onPress={() => setOpen(!isOpen)}>
            {say(
              isOpen ? "incidents.hide" : cause.count > LISTED ? "incidents.show.first" : "incidents.show",
              {
                count: Math.min(cause.count, LISTED),
              },
            )}
          </Button>
          {cause.barred === null && (
            <Button kind="primary" busy={all.isReading} onPress={all.ask}>
              {say(cause.count > TOGETHER ? "incidents.resolve.first" : "incidents.resolve.all", {
                count: Math.min(cause.count, TOGETHER),
              })}
            </Button>
          )}
        </div>
      </div>
      {cause.barred !== null && (
        <p className="row tight-row">
          <Tag icon="lock">{say("incidents.barred")}</Tag>
          <ServerWords text={cause.barred.detail} wording={cause.barred.wording} />
        </p>
      )}
      {all.error !== null && <ProblemState problem={problemOf(all.error)} onRetry={all.ask} />}
      {isOpen && (
        <div className="stack">
          <PagedView query={list} lines={3} more={say("instances.more")}>
            {(rows) => (
              <IncidentTable
                label={say("incidents.cause", { code, step: cause.step_title })}
                incidents={rows}
                isOneCause
                onBatch={props.onBatch}
              />
            )}
          </PagedView>
        </div>
      )}
    </section>
  );
}

/** Resolving all of a cause: they are read first, however few of them are listed. */
function useAll(cause: Cause, test: string | undefined, onBatch: (batch: Batch) => void) {
  const queries = useQueryClient();
  const asking = useAsking();
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const ask = async () => {
    setReading(true);
    setError(null);
    try {
      const found = await queries.fetchQuery(togetherQuery(ofCause(cause, test)));
      const incidents = found.slice(0, TOGETHER);
      asking((close) => (
        <ResolveDialog
          incidents={incidents}
          onClose={close}
          onDone={(batch) => {
            close();
            onBatch(batch);
          }}
        />
      ));
    } catch (problem) {
      setError(problem);
    } finally {
      setReading(false);
    }
  };
  return { ask, isReading, error };
}
