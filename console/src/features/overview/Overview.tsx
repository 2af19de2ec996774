/** The overview: figures of a period, each of which opens the list it counts; of one blueprint also on its drawing. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import { Button, type Option, QueryView, SearchField, SelectField } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { type Filtering, useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { csvOf, saveFile } from "../../shell/saving";
import { DayFilter } from "../instances/InstanceFilters";
import { AsOf } from "../instances/Instances";
import { blueprintsQuery } from "../instances/queries";
import { AllBlueprints } from "./AllBlueprints";
import { Cards } from "./Cards";
import { OneBlueprint } from "./OneBlueprint";
import { askedOf, type Figures, type Filter, FILTERS, overviewQuery, PERIODS, periodOf, rowsOf } from "./queries";
import { Waiting } from "./Waiting";
import "../instances/instances.css";
import "./overview.css";

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const { zone } = useFormats();
  const filtering = useFilters("overview", FILTERS);
  const { filters } = filtering;
  // Read once for each choice: a period that moved with the clock would be another question every second.
  const asked = useMemo(() => askedOf(filters, zone, Date.now() * 1_000), [filters, zone]);
  const figures = useQuery({ ...overviewQuery(asked), placeholderData: keepPreviousData });
  const blueprints = useQuery({ ...blueprintsQuery, enabled: may("blueprint:read") });
  useLive(may("overview:read") ? "overview" : null, [["overview"]]);
  const chosen = blueprints.data?.find((one) => one.name === filters.blueprint);
  const title = filters.blueprint === undefined ? undefined : (chosen?.title ?? filters.blueprint);
  return (
    <Page
      title={title ?? say("overview.title")}
      lead={figures.data && <AsOf at={figures.data.as_of} />}
      actions={figures.data && <Keeping figures={figures.data} />}
    >
      <OverviewFilters filtering={filtering} />
      <QueryView query={figures} lines={8}>
        {(known) => (
          <div className="stack wide-gap">
            <Cards figures={known} />
            {filters.blueprint === undefined ? (
              <AllBlueprints blueprints={blueprints.data ?? []} figures={known} />
            ) : (
              chosen && <OneBlueprint blueprint={chosen} figures={known} />
            )}
            <Waiting figures={known} isOne={filters.blueprint !== undefined} />
          </div>
        )}
      </QueryView>
    </Page>
  );
}

/** Saves the figures as they stand, or puts them on paper. */
function Keeping({ figures }: { figures: Figures }) {
  const say = useWords();
  return (
    <span className="row no-print">
      <Button icon="down" onPress={() => saveFile(csvOf(rowsOf(figures)), `overview-${figures.size}.csv`)}>
        {say("instances.csv")}
      </Button>
      <Button onPress={() => window.print()}>{say("overview.print")}</Button>
    </span>
  );
}

const ANY = "*";

/** Blueprint and period. */
function OverviewFilters({ filtering }: { filtering: Filtering<Filter> }) {
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
      <SelectField
        label={say("overview.period")}
        value={period}
        options={PERIODS.map((each) => ({ id: each, label: say(`overview.period.${each}`) }))}
        onChange={(each) => change({ period: each, ...(each === "days" ? {} : { from: null, to: null }) })}
      />
      {period === "days" && (
        <>
          <DayFilter
            label={say("overview.from")}
            value={filters.from ?? null}
            onChange={(from) => change({ from })}
          />
          <DayFilter label={say("overview.to")} value={filters.to ?? null} onChange={(to) => change({ to })} />
        </>
      )}
      {filters.domain !== undefined && (
        <div className="filters-end">
          <Button small icon="close" onPress={() => change({ domain: null })}>
            {say("instances.filter.domain", { value: filters.domain })}
          </Button>
        </div>
      )}
    </search>
  );
}
