/** One change request: what it changes, what the checks and the reviewers say, and one's own review of exactly that. */
import { type QueryClient, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Suspense, useEffect } from "react";
import { useParams, useSearchParams } from "react-router";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import { ButtonLink, FieldDiff, Icon, Loading, QueryView, type TabOf, Tabs, Time } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { part } from "../../shell/part";
import { usePrinted } from "../../shell/printed";
import type { Place } from "../../shell/screens";
import { Acts } from "./Acts";
import { Approvals } from "./Approvals";
import { Findings } from "./Checks";
import { ComparedDiagram, ComparedFields, ComparedWords, StepChange } from "./Compared";
import { type Marked, markedSteps } from "./marked";
import { Opened, StatusTag, useKindWords, useStatusWords, useVersionWords } from "./parts";
import { leafText, Reviews } from "./Reviews";
import {
  type Change,
  changeQuery,
  checksQuery,
  type Drawn,
  diffQuery,
  drawnQuery,
  nameOf,
  type Standing,
  standingQuery,
} from "./reading";
import { SourceDiff } from "./SourceText";
import { Walk } from "./Walk";
import "./changes.css";

const Effect = part(() => import("./Effect"));
/** Fields and the signature are loaded while the change is being read. */
const Decision = part(async () => ({ default: (await import("./Decision")).Decision }));

/** The change, what can be done to it, and its drawing. */
export function ask(queries: QueryClient, { params: { id = "" } }: Place): void {
  void queries.prefetchQuery(standingQuery(id));
  void queries.prefetchQuery(checksQuery(id));
  queries.fetchQuery(changeQuery(id)).then(
    (change) => {
      if (isDrawn(change)) void queries.prefetchQuery(drawnQuery(id));
    },
    () => undefined, // it is asked again where it is shown
  );
}

/** Whether there is a drawing of what it changes. */
function isDrawn(change: Change): boolean {
  return change.kind === "blueprint" && !change.retires;
}

/** The screen. The tab and the step that is looked at stand in the address. */
export function Component() {
  const { id = "" } = useParams();
  const say = useWords();
  const change = useQuery(changeQuery(id));
  const found = change.data;
  const standing = useQuery(standingQuery(id));
  const versionWords = useVersionWords();
  usePrinted(
    found === undefined ? null : say("print.change", { id, edit: found.edit, digest: found.digest }),
  );
  useLive(change.isSuccess ? `change:${id}` : null, [["change", id]]);
  return (
    <Page
      title={found?.title ?? say("changes.one")}
      actions={
        found !== undefined && (
          <>
            <StatusTag status={found.status} />
            {standing.data && <Acts change={found} standing={standing.data} />}
          </>
        )
      }
      lead={found && <Lead change={found} standing={standing.data} version={versionWords(found)} />}
    >
      <QueryView query={change} lines={8}>
        {(read) => (
          <>
            <Notices change={read} standing={standing.data} />
            <Review change={read} standing={standing} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

/** Who proposes what, when and why. */
function Lead({
  change,
  standing,
  version,
}: {
  change: Change;
  standing: Standing | undefined;
  version: string;
}) {
  const say = useWords();
  const kindWords = useKindWords();
  const who = change.authors.map((author) => nameOf(standing?.people ?? [], author)).join(", ");
  return (
    <>
      <p>
        {say("changes.proposed", { who, kind: kindWords(change.kind), name: change.name, version })}{" "}
        <Time at={change.proposed_at} />
      </p>
      <p>
        {say("changes.reason-is")} <Opened text={change.reason} />
      </p>
    </>
  );
}

/** What one has to know before anything else: the base moved, it begins later, it is over. */
function Notices({ change, standing }: { change: Change; standing: Standing | undefined }) {
  const say = useWords();
  const statusWords = useStatusWords();
  const last = standing?.last;
  return (
    <>
      {standing?.base_moved && (
        <p className="notice-line" role="status">
          <Icon name="warning" />
          <span>
            {say("changes.base-moved", { base: change.base_version, current: standing.current_version })}
          </span>
        </p>
      )}
      {change.not_before !== null && change.open && (
        <p className="row">
          <Icon name="clock" />
          {say("changes.not-before")} <Time at={change.not_before} />
        </p>
      )}
      {!change.open && last !== undefined && standing !== undefined && (
        <p className="row">
          {say("changes.closed", {
            who: nameOf(standing.people, last.by),
            status: statusWords(change.status),
          })}{" "}
          <Time at={last.recorded_at} />
          {change.version !== null && change.kind === "blueprint" && (
            <ButtonLink small href={`/blueprints/${change.name}/v/${change.version}`}>
              {say("changes.see-version", { version: change.version })}
            </ButtonLink>
          )}
        </p>
      )}
    </>
  );
}

/** What changes beside what is needed and one's own review. */
function Review({ change, standing }: { change: Change; standing: UseQueryResult<Standing> }) {
  const say = useWords();
  const [search, setSearch] = useSearchParams();
  const isBlueprint = isDrawn(change);
  const drawn = useQuery({ ...drawnQuery(change.id), enabled: isBlueprint });
  const layout = drawn.data?.diagram ?? null;
  const rows = drawn.data?.fields ?? [];
  const marked = layout === null ? [] : markedSteps(layout, rows);
  const selected = search.get("step");
  const step = marked.find((one) => one.node === selected) ?? null;
  const set = (name: string, value: string) =>
    setSearch(
      (before) => {
        before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const titles = titlesOf(change, say("changes.nothing"));
  const tabs = useTabs({
    change,
    standing,
    drawn,
    marked,
    selected,
    isBlueprint,
    onSelect: (to) => set("step", to),
  });
  const tab = tabs.find((one) => one.id === search.get("tab"))?.id ?? tabs[0]?.id;
  useShown(tab === "diagram" ? (step?.node ?? null) : null);
  return (
    <div className="review">
      <Walk marked={marked} step={step} onGo={(to) => set("step", to)}>
        <Tabs label={change.title} selected={tab} onSelect={(to) => set("tab", to)} tabs={tabs} />
      </Walk>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and is scrolled by keyboard from here */}
      <aside className="review-side" tabIndex={0} aria-label={say("changes.side")}>
        {step !== null && <StepChange marked={step} rows={rows} titles={titles} />}
        <QueryView query={standing} lines={4}>
          {(read) => (
            <>
              <Approvals change={change} standing={read} />
              <Suspense fallback={<Loading lines={4} />}>
                <Decision change={change} standing={read} />
              </Suspense>
            </>
          )}
        </QueryView>
      </aside>
    </div>
  );
}

function titlesOf(change: Change, nothing: string) {
  return {
    before: change.base_version === 0 ? nothing : `v${change.base_version}`,
    after: `v${change.version ?? change.base_version + 1}`,
  };
}

/** Brings the selected step into sight when another one is selected. */
function useShown(node: string | null): void {
  useEffect(() => {
    if (node === null) return;
    const drawn = document.querySelector(`[data-node="${CSS.escape(node)}"]`);
    drawn?.scrollIntoView({ block: "center", inline: "nearest" });
  }, [node]);
}

interface TabsOf {
  change: Change;
  standing: UseQueryResult<Standing>;
  drawn: UseQueryResult<Drawn>;
  marked: readonly Marked[];
  selected: string | null;
  isBlueprint: boolean;
  onSelect: (node: string) => void;
}

/** The views of a change; of what is no blueprint, those that there are. */
function useTabs({
  change,
  standing,
  drawn,
  marked,
  selected,
  isBlueprint,
  onSelect,
}: TabsOf): readonly TabOf[] {
  const say = useWords();
  const may = useMay();
  const checks = useQuery(checksQuery(change.id));
  const titles = titlesOf(change, say("changes.nothing"));
  const blueprint: readonly TabOf[] = [
    {
      id: "diagram",
      title: say("changes.tab.diagram"),
      content: (
        <QueryView query={drawn} lines={8}>
          {(read) =>
            read.diagram === null ? (
              <p className="muted">{say("changes.diagram.none")}</p>
            ) : (
              <ComparedDiagram layout={read.diagram} selected={selected} onSelect={onSelect} />
            )
          }
        </QueryView>
      ),
    },
    {
      id: "words",
      title: say("changes.tab.words"),
      count: change.base_version === 0 ? undefined : drawn.data?.words.length,
      content: (
        <QueryView query={drawn}>
          {(read) => <ComparedWords words={read.words} wordings={read.wordings} />}
        </QueryView>
      ),
    },
    {
      id: "fields",
      title: say("changes.tab.fields"),
      count: drawn.data?.fields.length,
      content: (
        <QueryView query={drawn}>
          {(read) => <ComparedFields marked={marked} rows={read.fields} titles={titles} />}
        </QueryView>
      ),
    },
  ];
  const effect: readonly TabOf[] = [
    {
      id: "effect",
      title: say("changes.tab.effect"),
      content: (
        <Suspense fallback={<Loading lines={6} />}>
          <Effect change={change} />
        </Suspense>
      ),
    },
  ];
  return [
    ...(change.kind === "access-policy" && may("access:read") ? effect : []),
    ...(isBlueprint
      ? blueprint
      : [{ id: "fields", title: say("changes.tab.fields"), content: <Leaves change={change} /> }]),
    { id: "source", title: say("changes.tab.source"), content: <Source change={change} /> },
    {
      id: "checks",
      title: say("changes.tab.checks"),
      count: checks.data?.findings?.length,
      content: (
        <QueryView query={checks}>
          {(read) =>
            read.findings === null ? (
              <p className="muted">{say("changes.checks.not-run")}</p>
            ) : (
              <Findings
                findings={read.findings}
                source={typeof change.source === "string" ? change.source : null}
              />
            )
          }
        </QueryView>
      ),
    },
    {
      id: "reviews",
      title: say("changes.tab.reviews"),
      count: change.reviews.length,
      content: (
        <QueryView query={standing}>{(read) => <Reviews change={change} standing={read} />}</QueryView>
      ),
    },
  ];
}

/** The lines in which the sources differ. */
function Source({ change }: { change: Change }) {
  const say = useWords();
  const diff = useQuery(diffQuery(change.id));
  return (
    <QueryView query={diff} lines={8}>
      {(read) =>
        read.shut === null ? (
          <SourceDiff unified={read.text} label={say("changes.source.diff")} />
        ) : (
          <Opened text={read.shut} />
        )
      }
    </QueryView>
  );
}

/** Every leaf that differs, of an artefact that is no blueprint. */
function Leaves({ change }: { change: Change }) {
  const say = useWords();
  const diff = useQuery(diffQuery(change.id));
  const titles = titlesOf(change, say("changes.nothing"));
  return (
    <QueryView query={diff}>
      {(read) =>
        read.shut !== null ? (
          <Opened text={read.shut} />
        ) : (
          <FieldDiff
            beforeTitle={titles.before}
            afterTitle={titles.after}
            changes={(read.fields ?? []).map((one) => ({
              field: one.path,
              before: leafText(one.before),
              after: leafText(one.after),
            }))}
          />
        )
      }
    </QueryView>
  );
}
