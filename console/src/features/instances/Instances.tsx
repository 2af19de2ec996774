/** Instances: found by what filters them, fifty at a time, as a table and as a file. */
import { type QueryClient, useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { client, ProblemError } from "../../api/client";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import {
  Button,
  type ColumnOf,
  Due,
  Empty,
  Placeholder,
  ProblemState,
  problemOf,
  QueryView,
  Table,
  Time,
} from "../../design";
import { type Say, useFormats, useWords } from "../../i18n";
import { type Filtering, filtersAt, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { nameOf, saveFile } from "../../shell/saving";
import type { Place } from "../../shell/screens";
import type { Asked as BulkAsked } from "./BulkStanding";
import { AsOf, FiltersComing, ShownAndMore } from "./Paging";
import { type Asked, FILTERS, type Filter, type InstanceListed, instancesQuery } from "./queries";
import { KeyText, StatusTag } from "./Shown";
import "./instances.css";
import { part } from "../../shell/part";

/** Its fields are loaded beside the rows, not before them. */
const InstanceFilters = part(() => import("./InstanceFilters"));

/** Loaded when something is ticked, and when something was asked for. */
const BulkActs = lazy(() => import("./BulkActs"));
const BulkStanding = lazy(() => import("./BulkStanding"));
const ACTS = ["suspend", "resume", "cancel"] as const;

/** The first page of the list. */
export function ask(queries: QueryClient, { search }: Place): void {
  void queries.prefetchInfiniteQuery(instancesQuery(filtersAt("instances", FILTERS, search)));
}

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const filtering = useFilters("instances", FILTERS);
  const { filters } = filtering;
  const list = useInfiniteQuery(instancesQuery(filters));
  const [asked, setAsked] = useState<BulkAsked | null>(null);
  useLive(may("overview:read") ? "overview" : null, [["instances"]]);
  const asOf = list.data?.pages[0]?.as_of;
  return (
    <Page
      title={say("instances.title")}
      lead={asOf !== undefined && <AsOf at={asOf} />}
      actions={<SaveRows asked={filters} />}
    >
      <Suspense fallback={<FiltersComing />}>
        <InstanceFilters filtering={filtering} />
      </Suspense>
      {asked !== null && (
        <Suspense fallback={<Placeholder />}>
          <BulkStanding key={asked.bulk} asked={asked} onClose={() => setAsked(null)} />
        </Suspense>
      )}
      <QueryView
        query={list}
        lines={8}
        isEmpty={(data) => data.pages.every((page) => page.items.length === 0)}
        empty={<Empty title={say("instances.empty")}>{say("instances.empty.next")}</Empty>}
        onClearFilters={isNarrowed(filters) ? filtering.clear : undefined}
      >
        {(data) => (
          <div className="stack instance-rows">
            <Rows
              rows={data.pages.flatMap((page) => page.items)}
              filtering={filtering}
              onStarted={setAsked}
            />
            <ShownAndMore query={list} shown={data.pages.reduce((sum, page) => sum + page.items.length, 0)} />
          </div>
        )}
      </QueryView>
    </Page>
  );
}

function isNarrowed(filters: Asked): boolean {
  return Object.keys(filters).some((name) => name !== "sort");
}

interface RowsProps {
  rows: readonly InstanceListed[];
  filtering: Filtering<Filter>;
  onStarted: (asked: BulkAsked) => void;
}

/** The table itself. Sorted by start or by last change, the latest first: what the server can page through. */
function Rows({ rows, filtering, onStarted }: RowsProps) {
  const say = useWords();
  const formats = useFormats();
  const may = useMay();
  const zone = formats.zoneName(new Date());
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const acts = ACTS.filter((act) => may(`instance:${act}`));
  const there = rows.filter((row) => ticked.has(row.id));
  return (
    <>
      <Suspense fallback={<Placeholder />}>
        {there.length > 0 && (
          <BulkActs
            rows={there}
            acts={acts}
            onStarted={(started) => {
              onStarted(started);
              setTicked(new Set());
            }}
          />
        )}
      </Suspense>
      <Table
        label={say("instances.title")}
        rows={rows}
        rowKey={(row) => row.id}
        href={(row) => `/instances/${row.id}`}
        columns={columnsOf(say, zone)}
        sort={{ key: filtering.filters.sort === "updated" ? "updated" : "started", descending: true }}
        onSort={({ key }) => filtering.change({ sort: key === "updated" ? "updated" : null })}
        {...(acts.length > 0 ? { ticked: new Set(there.map((row) => row.id)), onTick: setTicked } : {})}
      />
    </>
  );
}

function columnsOf(say: Say, zone: string): ColumnOf<InstanceListed>[] {
  return [
    {
      key: "key",
      title: say("instances.column.key"),
      heads: true,
      cell: (row) => (
        <>
          <KeyText value={row.business_key} />
          <span className="under">
            {say("instances.on-version", { title: row.title, version: row.number })}
          </span>
        </>
      ),
    },
    {
      key: "status",
      title: say("instances.column.status"),
      cell: (row) => (
        <>
          <StatusTag status={row.status} />
          {row.suspended_at !== null && <span className="under">{say("instances.status.suspended")}</span>}
          {row.test && <span className="under">{say("instances.test")}</span>}
          {row.outcome !== "" && <span className="under">{row.outcome}</span>}
        </>
      ),
    },
    { key: "steps", title: say("instances.column.steps"), cell: (row) => row.step_titles.join(", ") || "–" },
    {
      key: "due",
      title: say("instances.column.due", { zone }),
      cell: (row) => {
        if (row.due_at === null) return "–";
        return row.is_due_later ? (
          <Time at={row.due_at} zone={false} />
        ) : (
          <Due at={row.due_at} zone={false} />
        );
      },
    },
    {
      key: "started",
      title: say("instances.column.started", { zone }),
      sortable: true,
      cell: (row) => <Time at={row.started_at} relative={false} zone={false} />,
    },
    {
      key: "updated",
      title: say("instances.column.updated", { zone }),
      sortable: true,
      cell: (row) => <Time at={row.updated_at} zone={false} />,
    },
  ];
}

/** Saves exactly the rows that the filters leave, and says when the file holds only the first of them. */
function SaveRows({ asked }: { asked: Asked }) {
  const say = useWords();
  const [state, setState] = useState<"ready" | "busy" | "cut">("ready");
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setState("busy");
    setError(null);
    try {
      const isCut = await savedRows(asked);
      setState(isCut ? "cut" : "ready");
    } catch (problem) {
      setError(problem);
      setState("ready");
    }
  };
  return (
    <>
      <Button icon="down" busy={state === "busy"} onPress={save}>
        {say("instances.csv")}
      </Button>
      {state === "cut" && (
        <p role="status" className="small soon-words">
          {say("instances.csv.cut")}
        </p>
      )}
      {error !== null && <ProblemState problem={problemOf(error)} />}
    </>
  );
}

/** Fetches and saves the file; whether it was cut off. */
async function savedRows(asked: Asked): Promise<boolean> {
  const query = { ...asked, format: "csv" };
  const answer = await client.GET("/v1/process-instances", { params: { query }, parseAs: "blob" });
  if (answer.error !== undefined) {
    throw new ProblemError(answer.response.status, answer.error as unknown as Record<string, unknown>);
  }
  saveFile(answer.data as unknown as Blob, nameOf(answer.response, "instances.csv"));
  return answer.response.headers.get("Muniment-Cut-Off") === "true";
}
