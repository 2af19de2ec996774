/** What the screens of blueprints read: the list, one version in its views, and versions compared. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type BlueprintListed = Schemas["BlueprintListed"];
export type Version = Schemas["BlueprintAnswer"];
export type VersionListed = Schemas["VersionListed"];

const PAGE = 50;

/** Blueprints by name, page after page. */
export const blueprintsQuery = infiniteQueryOptions({
  queryKey: ["blueprints"],
  queryFn: ({ pageParam, signal }) =>
    given(
      client.GET("/v1/blueprints", {
        signal,
        params: { query: { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) } },
      }),
    ),
  initialPageParam: "",
  getNextPageParam: (page) => page.cursor,
});

/** One version; null for the one in force. */
export const versionQuery = (id: string, n: string | null) =>
  queryOptions({
    queryKey: ["blueprint", id, "version", n],
    queryFn: ({ signal }) =>
      given(
        n === null
          ? client.GET("/v1/blueprints/{id}", { params: { path: { id } }, signal })
          : client.GET("/v1/blueprints/{id}/versions/{n}", { params: { path: { id, n } }, signal }),
      ),
  });

/** The drawing of one version. */
export const drawingQuery = (id: string, n: string) =>
  queryOptions({
    queryKey: ["blueprint", id, "diagram", n],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/blueprints/{id}/versions/{n}/diagram", { params: { path: { id, n } }, signal })),
    staleTime: Number.POSITIVE_INFINITY, // a released version never changes
  });

/** Versions, newest first, page after page. */
export const versionsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["blueprint", id, "versions"],
    queryFn: ({ pageParam, signal }) =>
      given(
        client.GET("/v1/blueprints/{id}/versions", {
          signal,
          params: {
            path: { id },
            query: { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor,
  });

/** What one version has against another. */
export const comparisonQuery = (id: string, n: string, base: string) =>
  queryOptions({
    queryKey: ["blueprint", id, "comparison", n, base],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/blueprints/{id}/versions/{n}/comparison", {
          signal,
          params: { path: { id, n }, query: { base: Number(base) } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Open change requests of a blueprint: what is under way beside what is in force. */
export const openChangesQuery = (id: string) =>
  queryOptions({
    queryKey: ["changes", "of", id],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/change-requests", {
          signal,
          params: { query: { list: "open", kind: "blueprint", name: id, limit: 20 } },
        }),
      ),
  });
