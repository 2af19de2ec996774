/** What narrows the list of tasks, words in a title or a key and the process, and what stands first in it. */
import { useQuery } from "@tanstack/react-query";
import { useMay } from "../../api/session";
import { type Option, SearchField, SelectField, visible } from "../../design";
import { useWords } from "../../i18n";
import type { Filtering } from "../../shell/filters";
import { blueprintsQuery } from "../instances/queries";
import { RestedField } from "../instances/RestedField";
import { type NAMES, NO_FILTERS, ORDERS } from "./listing";
import type { Listed } from "./tasks";

const ANY = "*";

export interface InboxFiltersProps {
  filtering: Filtering<(typeof NAMES)[number]>;
  rows: readonly Listed[];
}

/** The fields; they stay when nothing matches. */
export default function InboxFilters({ filtering, rows }: InboxFiltersProps) {
  const say = useWords();
  const { filters, change } = filtering;
  return (
    <search className="inbox-filters no-print" aria-label={say("instances.filter.label")}>
      <RestedField
        label={say("inbox.filter.text")}
        value={filters.text ?? ""}
        onChange={(text) => change({ text })}
      />
      <SearchField
        label={say("inbox.filter.blueprint")}
        value={filters.blueprint ?? ANY}
        options={[{ id: ANY, label: say("instances.filter.any") }, ...useProcesses(rows, filters.blueprint)]}
        onChange={(name) => change({ blueprint: name === ANY ? null : name })}
      />
      {filters.list !== "done" && (
        <SelectField
          label={say("inbox.order")}
          value={filters.order ?? NO_FILTERS.order}
          options={ORDERS.map((order) => ({ id: order, label: say(`inbox.order.${order}`) }))}
          onChange={(order) => change({ order: order === NO_FILTERS.order ? null : order })}
        />
      )}
    </search>
  );
}

/** All processes, for who may read them; those of the tasks that are listed in any case, and the one chosen. */
function useProcesses(rows: readonly Listed[], chosen: string | undefined): readonly Option[] {
  const may = useMay();
  const all = useQuery({ ...blueprintsQuery, enabled: may("blueprint:read") });
  const titles = new Map<string, string>();
  if (chosen !== undefined) titles.set(chosen, chosen);
  for (const row of rows) titles.set(row.blueprint, row.blueprint_title);
  for (const one of all.data ?? []) titles.set(one.name, one.title);
  return [...titles]
    .map(([id, title]) => ({ id, label: visible(title), detail: id }))
    .sort((one, other) => one.label.localeCompare(other.label));
}
