/** What the screens of instances ask the server. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type InstanceListed = Schemas["InstanceListed"];
export type Instance = Schemas["InstanceAnswer"];
export type Drawing = Schemas["InstanceDiagramAnswer"];
export type HistoryItem = Schemas["HistoryItem"];
export type Followed = Schemas["FollowedValue"];
export type LiveVisit = Schemas["StepHolder"];
export type Shut = Schemas["Shut"];

export const PAGE = 50; // rows

export const FILTERS = [
  "key",
  "blueprint",
  "version",
  "status",
  "step",
  "overdue",
  "started_from",
  "started_to",
  "waits_for",
  "domain",
  "test",
  "sort",
] as const;
export type Filter = (typeof FILTERS)[number];
export type Asked = Readonly<Partial<Record<Filter, string>>>;

/** Instances, a page at a time. */
export function instancesQuery(asked: Asked) {
  return infiniteQueryOptions({
    queryKey: ["instances", asked],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...asked, limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return given(client.GET("/v1/process-instances", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor,
  });
}

const BLUEPRINTS = 200; // of one page: more than any list can be chosen from

/** Every blueprint by name, with its newest version. */
export const blueprintsQuery = queryOptions({
  queryKey: ["blueprints", "all"],
  queryFn: async ({ signal }) =>
    (await given(client.GET("/v1/blueprints", { params: { query: { limit: BLUEPRINTS } }, signal }))).items,
  staleTime: 60_000,
});

/** The drawing of one version of a blueprint. */
export function drawingQuery(blueprint: string, version: number) {
  return queryOptions({
    queryKey: ["blueprints", blueprint, version, "diagram"],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/blueprints/{id}/versions/{n}/diagram", {
          params: { path: { id: blueprint, n: String(version) } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY, // a version never changes
    enabled: blueprint !== "" && version > 0,
  });
}

/** One instance. */
export function instanceQuery(id: string) {
  return queryOptions({
    queryKey: ["instance", id],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/process-instances/{id}", { params: { path: { id } }, signal })),
  });
}

/** An instance on the drawing of its version. */
export function progressQuery(id: string) {
  return queryOptions({
    queryKey: ["instance", id, "diagram"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/process-instances/{id}/diagram", { params: { path: { id } }, signal })),
  });
}

/** What happened to an instance, newest first, a page at a time. */
export function historyQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ["instance", id, "history"],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return given(
        client.GET("/v1/process-instances/{id}/history", { params: { path: { id }, query }, signal }),
      );
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.cursor,
  });
}
