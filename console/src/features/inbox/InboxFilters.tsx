/**
 * What narrows the list of tasks: words in a title or a key, the process, the domain where tasks are of several; and what
 * stands first in it. Who wants the most urgent first is asked from where on as well.
 */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useMay } from "../../api/session";
import { type Option, SearchField, SelectField, visible } from "../../design";
import { useWords } from "../../i18n";
import type { Filtering } from "../../shell/filters";
import { DomainFilter } from "../instances/DomainFilter";
import { blueprintsQuery } from "../instances/queries";
import { RestedField } from "../instances/RestedField";
import { listingOf, type NAMES, NO_FILTERS, ORDERS, URGENCIES } from "./listing";
import type { Listed } from "./tasks";

const ANY = "*";

export interface InboxFiltersProps {
  filtering: Filtering<(typeof NAMES)[number]>;
  rows: readonly Listed[];
  /** Those of the person's tasks, whatever is looked for; none until they are known. */
  domains: readonly string[] | undefined;
}

/** The fields; they stay when nothing matches. */
export default function InboxFilters({ filtering, rows, domains }: InboxFiltersProps) {
  const say = useWords();
  const { filters, change } = filtering;
  const isOpen = filters.list !== "done";
  const { order, urgency } = listingOf(filters);
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
      <DomainFilter
        value={filters.domain}
        domains={useLast(domains)}
        onChange={(domain) => change({ domain })}
      />
      {isOpen && (
        <SelectField
          label={say("inbox.order")}
          value={order}
          options={ORDERS.map((each) => ({ id: each, label: say(`inbox.order.${each}`) }))}
          onChange={(each) =>
            change(each === NO_FILTERS.order ? { order: null, urgency: null } : { order: each })
          }
        />
      )}
      {isOpen && (order === "urgency" || urgency !== "") && (
        <SelectField
          label={say("inbox.filter.urgency")}
          value={urgency === "" ? ANY : urgency}
          options={[
            { id: ANY, label: say("inbox.filter.urgency.any") },
            ...URGENCIES.map((from) => ({ id: from, label: say("inbox.filter.urgency.from", { from }) })),
          ]}
          onChange={(from) => change({ urgency: from === ANY ? null : from })}
        />
      )}
    </search>
  );
}

const NONE: readonly string[] = [];

/** What was known last, while another list is read: a field that went and came back would move what is below it. */
function useLast(domains: readonly string[] | undefined): readonly string[] {
  const [last, setLast] = useState(NONE);
  useEffect(() => {
    if (domains !== undefined) setLast(domains);
  }, [domains]);
  return domains ?? last;
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
