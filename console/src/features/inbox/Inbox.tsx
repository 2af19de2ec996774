/** The inbox: what waits for this person, and the task that is open, beside each other where there is room. */
import type { QueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { Button, ButtonLink, Count, Empty, Loading, More, Placeholder, QueryView, Tag } from "../../design";
import { remembered, useWords } from "../../i18n";
import { filtersAt, keep, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import type { Place } from "../../shell/screens";
import { useKeys, useKeysOn } from "./keys";
import {
  CLEARED,
  DUES,
  isNarrowed,
  LISTS,
  type Listing,
  type ListName,
  listingOf,
  NAMES,
  NO_FILTERS,
  searchOf,
} from "./listing";
import { TaskList } from "./TaskList";
import { type Counts, claim, type Listed, taskQuery, tasksQuery, useRead, useTasks } from "./tasks";
import "../../design/components/tabs.css";
import "./inbox.css";
import { part } from "../../shell/part";

/** Loaded when a task is opened: the list needs none of it. */
const TaskPane = part(() => import("./TaskPane"));
const KeysDialog = lazy(() => import("./KeysDialog"));
const InboxFilters = part(() => import("./InboxFilters"));
const TakeTicked = lazy(() => import("./TakeTicked"));

/** The list, and the task that is open. */
export function ask(queries: QueryClient, { params, search }: Place): void {
  const listing = listingOf(filtersAt("inbox", NAMES, search));
  void queries.prefetchInfiniteQuery(tasksQuery(listing, new Date(), remembered().zone));
  if (params.id !== undefined) void queries.prefetchQuery(taskQuery(params.id));
}

/** The screen, at `/inbox` with the list alone and at `/tasks/:id` with a task beside it. */
export function Component() {
  const say = useWords();
  const { id } = useParams();
  const filtering = useFilters("inbox", NAMES);
  const filters = listingOf(filtering.filters);
  const chosen = filtering.filters.list === undefined ? null : searchOf(filters);
  useEffect(() => {
    if (chosen !== null) keep("inbox", chosen); // the lists are links, and going to one is choosing it
  }, [chosen]);
  const tasks = useTasks(filters);
  const rows = tasks.data?.pages.flatMap((page) => page.items) ?? [];
  const counts = tasks.data?.pages.at(-1)?.counts ?? null;
  const walk = useWalk(rows, id, filters);
  const [isTelling, setTelling] = useState(false);
  const [isOn, setOn] = useKeysOn();
  const { j, k, e } = walk;
  useKeys({ j, k, e, "?": () => setTelling(true) }, isOn);
  const next = walk.after === undefined ? undefined : j;
  const ticking = useTicking(rows, filters.list);
  const goTo = (to: ListName) => {
    filtering.change({ list: to });
    // The button goes with the empty list: the tab of the other one has the focus then.
    document.querySelector<HTMLElement>(`[role=tab][data-key=${to}]`)?.focus();
  };
  const list = (
    <QueryView
      query={tasks}
      isEmpty={() => rows.length === 0}
      empty={<Nothing list={filters.list} counts={counts} onList={goTo} />}
      onClearFilters={isNarrowed(filters) ? () => filtering.change(CLEARED) : undefined}
    >
      {() => (
        <div className="stack">
          <TaskList
            rows={rows}
            current={id}
            href={(task) => `/tasks/${task}?${searchOf(filters)}`}
            isDone={filters.list === "done"}
            ticked={ticking.ticked}
            onTick={ticking.tick}
          />
          <More query={tasks} label={say("inbox.more")} />
        </div>
      )}
    </QueryView>
  );
  return (
    <div className={id === undefined ? "inbox" : "inbox has-task"}>
      <Page title={say("inbox.title")} actions={<Late counts={counts} />}>
        <div className="inbox-columns">
          <div className="inbox-list stack">
            <Lists filters={filters} counts={counts} />
            <Suspense fallback={<Placeholder className="inbox-filters-coming" />}>
              <InboxFilters
                filtering={filtering}
                rows={rows}
                domains={tasks.data?.pages.at(-1)?.domains ?? undefined}
              />
            </Suspense>
            {filters.list !== "done" && <DueFilter filters={filters} />}
            {ticking.wasTicked && (
              <Suspense fallback={<Placeholder />}>
                <TakeTicked rows={ticking.rows} onDone={() => ticking.tick(new Set())} />
              </Suspense>
            )}
            {list}
            <p className="row small muted no-print key-line">
              <Button kind="plain" small onPress={() => setTelling(true)}>
                {say("inbox.keys")}
              </Button>
            </p>
          </div>
          {id !== undefined && (
            <Suspense fallback={<Loading lines={8} />}>
              <TaskPane key={id} id={id} back={`/inbox?${searchOf(filters)}`} onNext={next} />
            </Suspense>
          )}
        </div>
      </Page>
      {isTelling && (
        <Suspense fallback={<Placeholder />}>
          <KeysDialog onClose={() => setTelling(false)} isOn={isOn} onSwitch={setOn} />
        </Suspense>
      )}
    </div>
  );
}

/** How many are past due, each number leading to the list it counts. */
function Late({ counts }: { counts: Counts | null }) {
  const say = useWords();
  if (counts === null || counts.overdue === 0) return null;
  const team = counts.overdue - counts.mine_overdue;
  const link = (list: ListName) => `/inbox?${searchOf({ ...NO_FILTERS, list, due: "overdue" })}`;
  return (
    <>
      {counts.mine_overdue > 0 && (
        <ButtonLink href={link("mine")} kind="plain" small>
          <Tag tone="bad" icon="warning">
            {say("inbox.overdue.mine", { count: counts.mine_overdue })}
          </Tag>
        </ButtonLink>
      )}
      {team > 0 && (
        <ButtonLink href={link("team")} kind="plain" small>
          <Tag tone="bad" icon="warning">
            {say("inbox.overdue.team", { count: team })}
          </Tag>
        </ButtonLink>
      )}
    </>
  );
}

/** The lists, as links with the look of tabs: each is an address of its own. */
function Lists({ filters, counts }: { filters: Listing; counts: Counts | null }) {
  const say = useWords();
  return (
    <nav className="tab-list" aria-label={say("inbox.lists")}>
      {LISTS.map((name) => (
        <Link
          key={name}
          replace
          to={{ search: searchOf({ ...filters, list: name }) }}
          className="tab"
          {...(name === filters.list ? { "aria-current": "page", "data-selected": true } : {})}
        >
          {say(`inbox.list.${name}`)}
          {name !== "done" && counts !== null && <Count>{counts[name]}</Count>}
        </Link>
      ))}
    </nav>
  );
}

/** Due when: links, so that each choice is an address; they stay when nothing matches. */
function DueFilter({ filters }: { filters: Listing }) {
  const say = useWords();
  return (
    <nav className="due-filter row no-print" aria-label={say("inbox.due")}>
      {DUES.map((due) => (
        <Link
          key={due}
          replace
          to={{ search: searchOf({ ...filters, due }) }}
          className="due-choice"
          aria-current={due === filters.due ? "true" : undefined}
        >
          {say(`inbox.due.${due}`)}
        </Link>
      ))}
    </nav>
  );
}

interface NothingProps {
  list: ListName;
  counts: Counts | null;
  onList: (list: ListName) => void;
}

/** Nothing on this list, and where to look next. */
function Nothing({ list, counts, onList }: NothingProps) {
  const say = useWords();
  const other = list === "mine" ? (counts?.team ?? 0) : (counts?.mine ?? 0);
  const to: ListName = list === "mine" ? "team" : "mine";
  return (
    <Empty
      title={say(`inbox.empty.${list}`)}
      action={
        other > 0 && (
          <Button onPress={() => onList(to)}>{say(`inbox.empty.go-${to}`, { count: other })}</Button>
        )
      }
    >
      {other === 0 && say("inbox.empty.all")}
    </Empty>
  );
}

/** Which tasks of the teams are ticked, to be taken together; nothing is ever decided together. */
function useTicking(rows: readonly Listed[], list: ListName) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [wasTicked, setWasTicked] = useState(false); // it stays: what became of them is told when they have left the list
  const there = rows.filter((row) => ticked.has(row.id));
  const tick = (keys: ReadonlySet<string>) => {
    setTicked(keys);
    setWasTicked(true);
  };
  if (list !== "team") return { ticked: undefined, tick, wasTicked: false, rows: [] };
  return { ticked: new Set(there.map((row) => row.id)), tick, wasTicked, rows: there };
}

interface Walk {
  readonly after: Listed | undefined;
  readonly j: () => void;
  readonly k: () => void;
  readonly e: () => void;
}

/** Going through the list by single keys: the next, the one before, taking the one at hand. */
function useWalk(rows: readonly Listed[], id: string | undefined, filters: Listing): Walk {
  const navigate = useNavigate();
  const read = useRead();
  const place = rows.findIndex((row) => row.id === id);
  // A task that left the list was its first, as far as going on is concerned.
  const after = rows[place + 1];
  const go = (by: 1 | -1) => {
    if (id !== undefined) {
      const to = by === 1 ? after : rows[place - 1];
      if (to !== undefined) void navigate(`/tasks/${to.id}?${searchOf(filters)}`);
      return;
    }
    const shown = [...document.querySelectorAll<HTMLElement>(".inbox-list .table-row")];
    const at = shown.findIndex((row) => row.contains(document.activeElement));
    shown[at === -1 ? 0 : Math.min(shown.length - 1, Math.max(0, at + by))]?.focus();
  };
  const take = async () => {
    const focused = document.activeElement?.closest(".table-row")?.getAttribute("data-key");
    const row = rows.find((each) => each.id === (id ?? focused));
    if (row === undefined || row.state !== "offered" || row.barred != null || row.is_voted) return;
    await claim(row).catch(() => undefined);
    await read(row.id);
  };
  return { after, j: () => go(1), k: () => go(-1), e: () => void take() };
}
