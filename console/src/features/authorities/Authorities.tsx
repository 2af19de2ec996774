/** The authority register: who may decide what, up to which limit, from when to when, and on which paper it rests. */
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useMe } from "../../api/session";
import { Empty, Loading, Placeholder, QueryView } from "../../design";
import { remembered, useChoices, useWords } from "../../i18n";
import { endOf } from "../../shell/days";
import { filtersAt, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import type { Place } from "../../shell/screens";
import { useCalled } from "../assurance/called";
import { useHolderName } from "./parts";
import { endsSoon, type Grant, grantsQuery, type Register, registerQuery } from "./queries";
import "../assurance/assurance.css";
import { part } from "../../shell/part";

const DayFilter = lazy(() => import("../assurance/DayFilter"));
const GrantTable = part(() => import("./GrantTable"));
const Instruments = part(() => import("./Instruments"));
const ListFilter = part(() => import("../assurance/ListFilter"));
const NAMES = ["text", "on", "soon"] as const;

/** The grants and the register they stand in. */
export function ask(queries: QueryClient, { search }: Place): void {
  const { on } = filtersAt("authorities", NAMES, search);
  void queries.prefetchQuery(grantsQuery(endOf(on, remembered().zone)));
  void queries.prefetchQuery(registerQuery);
}

/** The screen. */
export function Component() {
  const say = useWords();
  const { zone } = useChoices().choices;
  const { filters, change, clear } = useFilters("authorities", NAMES);
  const at = endOf(filters.on, zone);
  const isFiltered = Object.keys(filters).length > 0;
  const grants = useQuery(grantsQuery(at));
  const register = useQuery(registerQuery);
  return (
    <Page title={say("authorities.title")} lead={say("authorities.lead")}>
      <search className="assurance-filters no-print" aria-label={say("ledger.filters")}>
        <Suspense fallback={<Placeholder className="filters-wait" />}>
          <DayFilter
            label={say("authorities.in-force-at")}
            hint={at === null ? say("authorities.all-now") : say("access.as-of.end", { zone })}
            value={filters.on}
            onChange={(on) => change({ on })}
          />
          <ListFilter
            text={filters.text ?? ""}
            onText={(text) => change({ text })}
            soon={filters.soon === "1"}
            onSoon={(soon) => change({ soon: soon ? "1" : null })}
          />
        </Suspense>
      </search>
      <Grants
        query={grants}
        register={register.data}
        text={filters.text ?? ""}
        isSoon={filters.soon === "1"}
        onClear={isFiltered ? clear : undefined}
      />
      {register.data && (
        <Suspense fallback={<Loading />}>
          <Instruments register={register.data} />
        </Suspense>
      )}
    </Page>
  );
}

interface GrantsProps {
  query: ReturnType<typeof useQuery<Grant[]>>;
  register: Register | undefined;
  text: string;
  isSoon: boolean;
  onClear: (() => void) | undefined;
}

function Grants({ query, register, text, isSoon, onClear }: GrantsProps) {
  const say = useWords();
  const { now } = useMe();
  const all = query.data ?? [];
  const called = useCalled(all.flatMap((one) => [actorOf(one.grantee), actorOf(one.grantor)]));
  const holder = useHolderName(register, called);
  const wanted = text.trim().toLowerCase();
  const fits = (one: Grant) => {
    if (isSoon && !endsSoon(one, now)) return false;
    const kinds = one.powers.map((power) => power.decision_kind);
    return [one.name, one.domain, holder(one.grantee), ...kinds].some((word) =>
      word.toLowerCase().includes(wanted),
    );
  };
  const soon = all.filter((one) => endsSoon(one, now)).length;
  return (
    <section className="stack" aria-labelledby="grants">
      <h2 id="grants">{say("authorities.grants")}</h2>
      <QueryView
        query={query}
        isEmpty={(found) => !found.some(fits)}
        empty={<Empty title={say("authorities.empty")} />}
        onClearFilters={onClear}
        lines={8}
      >
        {(found) => (
          <>
            <p className="muted small">
              {say("authorities.count", { count: found.filter(fits).length, all: found.length, soon })}
            </p>
            <Suspense fallback={<Loading lines={8} />}>
              <GrantTable
                grants={found.filter(fits)}
                all={found}
                register={register}
                holder={holder}
                now={now}
              />
            </Suspense>
          </>
        )}
      </QueryView>
    </section>
  );
}

function actorOf(party: string): string {
  return party.startsWith("person:") ? party : "";
}
