/** The overview: figures of a period, each of which opens the list it counts; of one blueprint also on its drawing. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import { Loading, Placeholder, QueryView } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { AsOf, FiltersComing } from "../instances/Paging";
import { blueprintsQuery } from "../instances/queries";
import { AllBlueprints } from "./AllBlueprints";
import { Cards } from "./Cards";
import { askedOf, FILTERS, overviewQuery } from "./queries";
import { Waiting } from "./Waiting";
import "../instances/instances.css";
import "./overview.css";
import { part } from "../../shell/part";

/** Its fields are loaded beside the figures, not before them. */
const OverviewFilters = part(() => import("./OverviewFilters"));

const Keeping = lazy(() => import("./Keeping"));
const OneBlueprint = lazy(() => import("./OneBlueprint"));

const NONE: readonly string[] = [];

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
      actions={
        figures.data && (
          <Suspense fallback={<Placeholder className="keeping" />}>
            <Keeping figures={figures.data} />
          </Suspense>
        )
      }
    >
      <Suspense fallback={<FiltersComing />}>
        <OverviewFilters filtering={filtering} domains={figures.data?.domains ?? NONE} />
      </Suspense>
      <QueryView query={figures} lines={8}>
        {(known) => (
          <div className="stack wide-gap">
            <Cards figures={known} />
            {filters.blueprint === undefined ? (
              <AllBlueprints blueprints={blueprints.data} figures={known} />
            ) : (
              chosen && (
                <Suspense fallback={<Loading lines={8} />}>
                  <OneBlueprint blueprint={chosen} figures={known} />
                </Suspense>
              )
            )}
            <Waiting
              figures={known}
              isOne={filters.blueprint !== undefined}
              titles={new Map(blueprints.data?.map((one) => [one.name, one.title]))}
            />
          </div>
        )}
      </QueryView>
    </Page>
  );
}
