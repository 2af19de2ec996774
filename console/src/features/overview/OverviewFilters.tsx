/** The filters of the overview: of what, and for which period. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useMay } from "../../api/session";
import { type Option, Placeholder, SearchField, SelectField } from "../../design";
import { useWords } from "../../i18n";
import type { Filtering } from "../../shell/filters";
import { DomainFilter } from "../instances/DomainFilter";
import { blueprintsQuery } from "../instances/queries";
import { type Filter, PERIODS, periodOf } from "./queries";

const DayFilter = lazy(() => import("../instances/DayFilter"));

const ANY = "*";

interface OverviewFiltersProps {
  readonly filtering: Filtering<Filter>;
  /** Those of which the person may read the figures; empty until they are known. */
  readonly domains: readonly string[];
}

/** Blueprint, domain and period. */
export default function OverviewFilters({ filtering, domains }: OverviewFiltersProps) {
  const say = useWords();
  const may = useMay();
  const { filters, change } = filtering;
  const blueprints = useQuery({ ...blueprintsQuery, enabled: may("blueprint:read") });
  const period = periodOf(filters);
  const options: Option[] = (blueprints.data ?? []).map((one) => ({
    id: one.name,
    label: one.title,
    detail: one.name,
  }));
  if (filters.blueprint !== undefined && !options.some((one) => one.id === filters.blueprint)) {
    options.push({ id: filters.blueprint, label: filters.blueprint });
  }
  return (
    <search className="filters no-print" aria-label={say("instances.filter.label")}>
      <SearchField
        label={say("instances.filter.blueprint")}
        value={filters.blueprint ?? ANY}
        options={[{ id: ANY, label: say("overview.all-blueprints") }, ...options]}
        onChange={(name) => change({ blueprint: name === ANY ? null : name })}
      />
      <DomainFilter value={filters.domain} domains={domains} onChange={(domain) => change({ domain })} />
      <SelectField
        label={say("overview.period")}
        value={period}
        options={PERIODS.map((each) => ({ id: each, label: say(`overview.period.${each}`) }))}
        onChange={(each) => change({ period: each, ...(each === "days" ? {} : { from: null, to: null }) })}
      />
      {period === "days" && (
        <Suspense fallback={<Placeholder />}>
          <DayFilter
            label={say("overview.from")}
            value={filters.from ?? null}
            onChange={(from) => change({ from })}
          />
          <DayFilter
            label={say("overview.to")}
            value={filters.to ?? null}
            onChange={(to) => change({ to })}
          />
        </Suspense>
      )}
    </search>
  );
}
