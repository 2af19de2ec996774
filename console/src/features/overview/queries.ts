/** What the overview asks, and for which period. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import type { Heat } from "../../diagram";
import { dayStart, daysBefore } from "../../shell/days";
import type { Filters } from "../../shell/filters";

export type Figures = components["schemas"]["OverviewAnswer"];

export const FILTERS = ["blueprint", "period", "from", "to", "domain"] as const;
export type Filter = (typeof FILTERS)[number];

export const PERIODS = ["7", "30", "90", "all", "days"] as const;
export type Period = (typeof PERIODS)[number];
export const USUAL: Period = "30";

/** The query of the interface for what the filters say; days begin and end in the person's zone. */
export function askedOf(filters: Filters<Filter>, zone: string, now: number) {
  const period = periodOf(filters);
  const about = {
    ...(filters.blueprint === undefined ? {} : { blueprint: filters.blueprint }),
    ...(filters.domain === undefined ? {} : { domain: filters.domain }),
  };
  if (period === "all") return about;
  if (period === "days") {
    return {
      ...about,
      ...(filters.from === undefined ? {} : { from: String(dayStart(filters.from, zone)) }),
      ...(filters.to === undefined ? {} : { to: String(dayStart(filters.to, zone, 1)) }),
    };
  }
  return { ...about, from: String(dayStart(daysBefore(now, zone, Number(period) - 1), zone)) };
}

/** The period that is chosen. */
export function periodOf(filters: Filters<Filter>): Period {
  return PERIODS.find((period) => period === filters.period) ?? USUAL;
}

/** The figures. */
export function overviewQuery(asked: ReturnType<typeof askedOf>) {
  return queryOptions({
    queryKey: ["overview", asked],
    queryFn: ({ signal }) => given(client.GET("/v1/overview", { params: { query: asked }, signal })),
  });
}

export const TASK_FILTERS = [
  "list",
  "blueprint",
  "step",
  "domain",
  "overdue",
  "late",
  "has_due",
  "opened_from",
  "opened_to",
] as const;

/** Tasks as a figure counts them. */
export function tasksQuery(asked: Filters<(typeof TASK_FILTERS)[number]>) {
  return infiniteQueryOptions({
    queryKey: ["tasks", "counted", asked],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return given(client.GET("/v1/tasks", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor,
  });
}

/** How hot a step is by how many are at it, of the most that are at any: a quarter each, from 1 to 4. */
export function heatOf(count: number, most: number): Heat {
  return Math.min(4, Math.max(1, Math.ceil((4 * count) / most))) as Heat;
}

/** The step where most is late, or else most waits; undefined where nothing waits. */
export function worstOf(figures: Figures) {
  const steps = figures.waiting.steps ?? [];
  return [...steps].sort((one, other) => other.overdue - one.overdue || other.count - one.count)[0];
}
