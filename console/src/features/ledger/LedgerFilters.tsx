/** The filters of the ledger: kind, subject, who, and the period. */
import { lazy, Suspense } from "react";
import { Placeholder, SearchField } from "../../design";
import { useWords } from "../../i18n";
import type { Filtering } from "../../shell/filters";
import { useHolders } from "../assurance/called";
import { TypedFilter } from "../assurance/TypedFilter";

const DayFilter = lazy(() => import("../assurance/DayFilter"));

type Names = "kind" | "subject" | "actor" | "from" | "to";
export type LedgerFiltersProps = Pick<Filtering<Names>, "filters" | "change">;

/** The fields; what is typed stands in the address at once. */
export default function LedgerFilters({ filters, change }: LedgerFiltersProps) {
  const say = useWords();
  const { from, to } = filters;
  return (
    <search className="assurance-filters no-print" aria-label={say("ledger.filters")}>
      <TypedFilter
        label={say("ledger.kind")}
        mono
        placeholder="task.completed"
        value={filters.kind ?? ""}
        onChange={(kind) => change({ kind })}
      />
      <TypedFilter
        label={say("ledger.subject")}
        mono
        value={filters.subject ?? ""}
        onChange={(subject) => change({ subject })}
      />
      <ActorField value={filters.actor ?? ""} onChange={(actor) => change({ actor })} />
      <Suspense fallback={<Placeholder className="filters-wait" />}>
        <DayFilter
          label={say("ledger.from")}
          value={from}
          max={to}
          onChange={(day) => change({ from: day })}
        />
        <DayFilter label={say("ledger.to")} value={to} min={from} onChange={(day) => change({ to: day })} />
      </Suspense>
    </search>
  );
}

/** Who acted: chosen by what they are called where that may be read, else by id. */
function ActorField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const say = useWords();
  const holders = useHolders();
  if (holders.data === undefined) {
    return <TypedFilter label={say("ledger.actor-id")} mono value={value} onChange={onChange} />;
  }
  const known = holders.data.map(({ id, called }) => ({ id, label: called }));
  const isKnown = value === "" || known.some((one) => one.id === value);
  const options = [{ id: "", label: say("ledger.anybody") }, ...known];
  return (
    <SearchField
      label={say("ledger.actor")}
      value={value}
      options={isKnown ? options : [...options, { id: value, label: value }]}
      onChange={(id) => onChange(id ?? "")}
    />
  );
}
