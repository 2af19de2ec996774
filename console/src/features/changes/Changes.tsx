/** Change requests: those that wait for one's review first, and every other list, each with its true count. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { useSearchParams } from "react-router";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import { ButtonLink, Empty, Loading, PagedView, Placeholder, Tabs } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { changesQuery, LISTS, type ListAsked } from "./reading";
import "./changes.css";
import { part } from "../../shell/part";

/** Loaded while the list is being fetched. */
const Rows = part(async () => ({ default: (await import("./ChangeRows")).Rows }));

/** The fields of choice are loaded beside the list, which does not wait for them. */
const Filters = part(async () => ({ default: (await import("./Filters")).Filters }));

/** The screen. Which list, kind, state and artefact stand in the address. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const mayReview = may("change-request:approve") || may("change-request:review");
  const lists = LISTS.filter((list) => list !== "review" || mayReview);
  const [search, setSearch] = useSearchParams();
  const stated = search.get("list");
  const list = lists.find((one) => one === stated) ?? lists[0] ?? "open";
  const set = (to: Readonly<Record<string, string>>) =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(to)) {
          if (value === "") after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  const asked: ListAsked = {
    list,
    kind: search.get("kind") ?? "",
    status: list === "all" ? (search.get("status") ?? "") : "",
    name: search.get("name") ?? "",
  };
  const found = useInfiniteQuery(changesQuery(asked));
  useLive("inbox", [["changes"]]);
  const counts = found.data?.pages[0]?.counts;
  return (
    <Page
      title={say("changes.title")}
      lead={say("changes.lead")}
      actions={
        may("change-request:propose") && (
          <ButtonLink kind="primary" icon="add" href="/changes/new">
            {say("changes.propose")}
          </ButtonLink>
        )
      }
    >
      <Tabs
        label={say("changes.lists")}
        selected={list}
        onSelect={(to) => set({ list: to })}
        tabs={lists.map((id) => ({
          id,
          title: say(`changes.list.${id}`),
          count: id === "all" ? undefined : counts?.[id],
          content: (
            <div className="stack">
              <Suspense fallback={<Placeholder className="filters" />}>
                <Filters asked={asked} onSet={set} />
              </Suspense>
              <Found asked={asked} onClear={() => set({ kind: "", status: "", name: "" })} />
            </div>
          ),
        }))}
      />
    </Page>
  );
}

/** What was found, or why nothing is there. */
function Found({ asked, onClear }: { asked: ListAsked; onClear: () => void }) {
  const say = useWords();
  const may = useMay();
  const found = useInfiniteQuery(changesQuery(asked));
  const isFiltered = asked.kind !== "" || asked.status !== "" || asked.name !== "";
  return (
    <PagedView
      query={found}
      {...(isFiltered ? { onClearFilters: onClear } : {})}
      empty={
        <Empty
          title={say(`changes.empty.${asked.list}`)}
          action={
            asked.list === "open" || !may("change-request:propose") ? (
              <ButtonLink href="/changes?list=all">{say("changes.empty.see-all")}</ButtonLink>
            ) : (
              <ButtonLink href="/changes?list=open">{say("changes.empty.see-open")}</ButtonLink>
            )
          }
        />
      }
      more={say("changes.more")}
    >
      {(changes, pages) => (
        <Suspense fallback={<Loading lines={5} />}>
          <Rows changes={changes} people={pages.flatMap((page) => page.people)} />
        </Suspense>
      )}
    </PagedView>
  );
}
