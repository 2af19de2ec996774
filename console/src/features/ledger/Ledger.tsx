/** The ledger: where it stands, who has seen it, and its entries, newest first. */
import { type QueryClient, useInfiniteQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { useMay } from "../../api/session";
import { ButtonLink, Empty, Loading, More, Placeholder, QueryView } from "../../design";
import { remembered, useChoices, useWords } from "../../i18n";
import { dayStart } from "../../shell/days";
import { type Filters, filtersAt, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import type { Place } from "../../shell/screens";
import { entriesQuery, type Picked, standingQuery } from "./queries";
import { LogStanding } from "./Standing";
import "../assurance/assurance.css";
import { part } from "../../shell/part";

const EntryTable = part(() => import("./EntryTable"));
const LedgerFilters = part(() => import("./LedgerFilters"));
const NAMES = ["kind", "subject", "actor", "from", "to"] as const;

/** Where the log stands, and the newest entries. */
export function ask(queries: QueryClient, { search }: Place): void {
  void queries.prefetchQuery(standingQuery);
  const picked = pickedBy(filtersAt("ledger", NAMES, search), remembered().zone);
  void queries.prefetchInfiniteQuery(entriesQuery(picked));
}

/** Days as instants of a zone: what the server is asked for. */
function pickedBy({ from, to, ...others }: Filters<(typeof NAMES)[number]>, zone: string): Picked {
  return {
    ...others,
    ...(from === undefined ? {} : { from: String(dayStart(from, zone)) }),
    ...(to === undefined ? {} : { to: String(dayStart(to, zone, 1)) }),
  };
}

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  return (
    <Page
      title={say("ledger.title")}
      lead={say("ledger.lead")}
      actions={
        <>
          <ButtonLink href="/ledger/verify" kind="primary" icon="proven">
            {say("ledger.verify-pack")}
          </ButtonLink>
          {may("ledger:verify") && (
            <ButtonLink href="/ledger/verify?whole=1">{say("ledger.verify-whole")}</ButtonLink>
          )}
        </>
      }
    >
      <LogStanding />
      <Entries />
    </Page>
  );
}

/** The list with its filters, which stand in the address. */
function Entries() {
  const say = useWords();
  const { zone } = useChoices().choices;
  const { filters, change, clear } = useFilters("ledger", NAMES);
  const isFiltered = Object.keys(filters).length > 0;
  const query = useInfiniteQuery(entriesQuery(pickedBy(filters, zone)));
  return (
    <section className="stack" aria-labelledby="entries">
      <h2 id="entries">{say("ledger.entries")}</h2>
      <Suspense fallback={<Placeholder className="filters-wait" />}>
        <LedgerFilters filters={filters} change={change} />
      </Suspense>
      <QueryView
        query={query}
        isEmpty={(data) => data.pages.every((page) => page.items.length === 0 && page.cursor === null)}
        empty={<Empty title={say("ledger.empty")} />}
        onClearFilters={isFiltered ? clear : undefined}
      >
        {(data) => (
          <>
            <Suspense fallback={<Loading lines={8} />}>
              <EntryTable entries={data.pages.flatMap((page) => page.items)} />
            </Suspense>
            {query.hasNextPage && isFiltered && (
              <p className="muted small">{say("ledger.looked-through", { zone })}</p>
            )}
            <More query={query} label={say("ledger.more")} />
          </>
        )}
      </QueryView>
    </section>
  );
}
