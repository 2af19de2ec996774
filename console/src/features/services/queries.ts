/** What the screens of agents, connectors and schedules ask of the server. No React. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type AgentListed = Schemas["AgentListed"];
export type Agent = Schemas["AgentAnswer"];
export type AgentFigures = Schemas["AgentFigures"];
export type AgentVersion = Schemas["AgentVersion"];
export type ConnectorListed = Schemas["ConnectorListed"];
export type Connector = Schemas["ConnectorAnswer"];
export type Schedule = Schemas["ScheduleListed"];
export type BreakerState = AgentListed["breaker"];

const PAGE = 50;

const paged = (pageParam: string) => ({ limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) });

/** Agents by name, page after page. */
export const agentsQuery = infiniteQueryOptions({
  queryKey: ["agents"],
  queryFn: ({ pageParam, signal }) =>
    given(client.GET("/v1/agents", { signal, params: { query: paged(pageParam) } })),
  initialPageParam: "",
  getNextPageParam: (page) => page.cursor,
});

/** One agent, with the figures of each of its versions. */
export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ["agent", id],
    queryFn: ({ signal }) => given(client.GET("/v1/agents/{id}", { signal, params: { path: { id } } })),
  });

/** Connectors by name, page after page. */
export const connectorsQuery = infiniteQueryOptions({
  queryKey: ["connectors"],
  queryFn: ({ pageParam, signal }) =>
    given(client.GET("/v1/connectors", { signal, params: { query: paged(pageParam) } })),
  initialPageParam: "",
  getNextPageParam: (page) => page.cursor,
});

/** One connector, with its operations. */
export const connectorQuery = (id: string) =>
  queryOptions({
    queryKey: ["connector", id],
    queryFn: ({ signal }) => given(client.GET("/v1/connectors/{id}", { signal, params: { path: { id } } })),
  });

/** Starts by the clock, page after page. */
export const schedulesQuery = infiniteQueryOptions({
  queryKey: ["schedules"],
  queryFn: ({ pageParam, signal }) =>
    given(client.GET("/v1/schedules", { signal, params: { query: paged(pageParam) } })),
  initialPageParam: "",
  getNextPageParam: (page) => page.cursor,
});

/** When a schedule is, in the parts that it is put into words by. */
export interface OnDay {
  readonly form: "day" | "last-day" | "business-day" | "last-business-day";
  readonly number: string;
}

/** Which day of a month `on` says, such as `business day 3`; null where it says none. */
export function dayOf(on: string): OnDay | null {
  const found = /^(last )?(business )?day(?: (\d+))?$/.exec(on);
  if (found === null) return null;
  const [, last, business, number = ""] = found;
  return { form: `${last ? "last-" : ""}${business ? "business-" : ""}day` as OnDay["form"], number };
}

const WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONDAY = Date.UTC(2024, 0, 1); // a Monday
const DAY = 86_400_000; // ms

/** Days of the week in the words of a language; others as they are. */
export function weekdays(every: readonly string[], locale: string): string[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  return every.map((day) => {
    const place = WEEK.indexOf(day);
    return place < 0 ? day : format.format(new Date(MONDAY + place * DAY));
  });
}
