/** Access as it is or was: who holds which role, what a role allows, and whether and why somebody may do something. */
import type { QueryClient } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Loading, Placeholder, Tabs } from "../../design";
import { remembered, useChoices, useWords } from "../../i18n";
import { endOf } from "../../shell/days";
import { filtersAt, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import type { Place } from "../../shell/screens";
import { holdersQuery } from "../assurance/called";
import "../assurance/assurance.css";
import { part } from "../../shell/part";

const People = part(() => import("./People"));
const Roles = lazy(() => import("./Roles"));
const StandingIn = lazy(() => import("./StandingIn"));
const Ask = lazy(() => import("./Ask"));
const DayFilter = lazy(() => import("../assurance/DayFilter"));
const VIEWS = ["people", "roles", "standing"] as const;
const NAMES = ["tab", "on", "who", "text", "act", "domain"] as const;

/** Everybody with the roles of the day. */
export function ask(queries: QueryClient, { search }: Place): void {
  const { on, tab } = filtersAt("access", NAMES, search);
  if (tab === undefined || tab === "people")
    void queries.prefetchQuery(holdersQuery(endOf(on, remembered().zone)));
}

/** The screen. */
export function Component() {
  const say = useWords();
  const { zone } = useChoices().choices;
  const { filters, change, clear } = useFilters("access", NAMES);
  const at = endOf(filters.on, zone);
  const isFiltered = filters.text !== undefined;
  return (
    <Page title={say("access.title")} lead={say("access.lead")}>
      <div className="assurance-filters">
        <Suspense fallback={<Placeholder className="filters-wait" />}>
          <DayFilter
            label={say("access.as-of")}
            hint={at === null ? say("access.as-of.now") : say("access.as-of.end", { zone })}
            value={filters.on}
            onChange={(on) => change({ on })}
          />
        </Suspense>
      </div>
      <Suspense fallback={<Placeholder className="ask-wait" />}>
        <Ask at={at} filters={filters} change={change} />
      </Suspense>
      <Tabs
        label={say("access.views")}
        selected={VIEWS.find((view) => view === filters.tab) ?? "people"}
        onSelect={(tab) => change({ tab: tab === "people" ? null : tab })}
        tabs={[
          {
            id: "people",
            title: say("access.people"),
            content: (
              <Suspense fallback={<Loading />}>
                <People
                  at={at}
                  text={filters.text ?? ""}
                  onText={(text) => change({ text })}
                  onClear={isFiltered ? clear : undefined}
                />
              </Suspense>
            ),
          },
          {
            id: "roles",
            title: say("access.roles"),
            content: (
              <Suspense fallback={<Loading />}>
                <Roles />
              </Suspense>
            ),
          },
          {
            id: "standing",
            title: say("access.standing"),
            content: (
              <Suspense fallback={<Loading />}>
                <StandingIn />
              </Suspense>
            ),
          },
        ]}
      />
    </Page>
  );
}
