/** The filters of the list of instances: always there, also when nothing matches them. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useMay } from "../../api/session";
import { Button, CheckboxField, type Option, Placeholder, SearchField, SelectField } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { dayOf, dayStart } from "../../shell/days";
import type { Filtering } from "../../shell/filters";
import { blueprintsQuery, drawingQuery, type Filter } from "./queries";
import { RestedField } from "./RestedField";
import TestFilter from "./TestFilter";

/** The calendar is as large as all other fields together. */
const DayFilter = lazy(() => import("./DayFilter"));

const ANY = "*";

/** The row of fields. */
export default function InstanceFilters({ filtering }: { filtering: Filtering<Filter> }) {
  const say = useWords();
  const { filters, change, clear } = filtering;
  const any: Option = { id: ANY, label: say("instances.filter.any") };
  const statuses = (["active", "suspended", "ended", "cancelled"] as const).map((status) => ({
    id: status as string,
    label: say(`instances.status.${status}`),
  }));
  return (
    <search className="filters no-print" aria-label={say("instances.filter.label")}>
      <RestedField
        label={say("instances.filter.key")}
        value={filters.key ?? ""}
        onChange={(key) => change({ key })}
      />
      <BlueprintFilters filtering={filtering} />
      <SelectField
        label={say("instances.column.status")}
        value={filters.status ?? ANY}
        options={[any, ...statuses]}
        onChange={(status) => change({ status: status === ANY ? null : status })}
      />
      <StartedFilters filtering={filtering} />
      <TestFilter value={filters.test} onChange={(test) => change({ test })} />
      <div className="filters-end">
        <CheckboxField
          label={say("instances.filter.overdue")}
          value={filters.overdue === "1"}
          onChange={(isOn) => change({ overdue: isOn ? "1" : null })}
        />
        {(["waits_for", "domain"] as const).map((name) => {
          const value = filters[name];
          if (value === undefined) return null;
          return (
            <Button key={name} small icon="close" onPress={() => change({ [name]: null })}>
              {say(`instances.filter.${name === "domain" ? "domain" : "waits-for"}`, { value })}
            </Button>
          );
        })}
        {Object.keys(filters).some((name) => name !== "sort") && (
          <Button kind="plain" small onPress={clear}>
            {say("instances.filter.clear")}
          </Button>
        )}
      </div>
    </search>
  );
}

/** Blueprint, then its version and a step of that. */
function BlueprintFilters({ filtering }: { filtering: Filtering<Filter> }) {
  const say = useWords();
  const may = useMay();
  const { filters, change } = filtering;
  const blueprints = useQuery({ ...blueprintsQuery, enabled: may("blueprint:read") });
  const chosen = blueprints.data?.find((one) => one.name === filters.blueprint);
  const version = Number(filters.version ?? chosen?.version ?? 0);
  const drawing = useQuery(drawingQuery(chosen?.name ?? "", version));
  const any: Option = { id: ANY, label: say("instances.filter.any") };
  const names = (blueprints.data ?? []).map((one) => ({ id: one.name, label: one.title, detail: one.name }));
  // One that is filtered for stays in its field, even where it is not, or not yet, among those that can be chosen.
  const missing = [filters.blueprint].filter((name) => name !== undefined && chosen === undefined);
  const versions = Array.from({ length: chosen?.version ?? 0 }, (_, place) => String(place + 1)).reverse();
  const steps = (drawing.data?.diagram.nodes ?? []).filter(
    (node) => node.step !== "" && node.kind !== "join",
  );
  const isKnown = steps.some((node) => node.step === filters.step);
  const others = filters.step !== undefined && !isKnown ? [{ id: filters.step, label: filters.step }] : [];
  return (
    <>
      <SearchField
        label={say("instances.filter.blueprint")}
        value={filters.blueprint ?? ANY}
        options={[any, ...names, ...missing.map((name) => ({ id: String(name), label: String(name) }))]}
        onChange={(name) => change({ blueprint: name === ANY ? null : name, version: null, step: null })}
      />
      {filters.blueprint !== undefined && (
        <>
          <SelectField
            label={say("instances.filter.version")}
            value={filters.version ?? ANY}
            options={[any, ...versions.map((each) => ({ id: each, label: each }))]}
            onChange={(each) => change({ version: each === ANY ? null : each })}
          />
          <SearchField
            label={say("instances.column.steps")}
            value={filters.step ?? ANY}
            options={[any, ...steps.map((node) => ({ id: node.step, label: node.title })), ...others]}
            onChange={(step) => change({ step: step === ANY ? null : step })}
          />
        </>
      )}
    </>
  );
}

/** The first and the last day of the start, in the person's zone. */
function StartedFilters({ filtering }: { filtering: Filtering<Filter> }) {
  const say = useWords();
  const { zone } = useFormats();
  const { filters, change } = filtering;
  const { started_from: from, started_to: to } = filters;
  return (
    <Suspense fallback={<Placeholder />}>
      <DayFilter
        label={say("instances.filter.from")}
        value={from === undefined ? null : dayOf(Number(from), zone)}
        onChange={(day) => change({ started_from: day === null ? null : String(dayStart(day, zone)) })}
      />
      <DayFilter
        label={say("instances.filter.to")}
        value={to === undefined ? null : dayOf(Number(to) - 1, zone)}
        onChange={(day) => change({ started_to: day === null ? null : String(dayStart(day, zone, 1)) })}
      />
    </Suspense>
  );
}
