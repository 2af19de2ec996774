/** What the screens of changes read: one change request in four parts, and lists of them. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { visible } from "../../design/visible";

type Schemas = components["schemas"];
export type Change = Schemas["ChangeAnswer"];
export type ChangeListed = Schemas["ChangeValue"];
export type Standing = Schemas["StandingAnswer"];
export type Drawn = Schemas["ChangeDiagramAnswer"];
export type Finding = Schemas["FindingValue"];
export type FieldRow = Schemas["FieldRow"];
export type PersonNamed = Schemas["PersonNamed"];
export type Refused = Schemas["RefusedValue"];
export type Review = Schemas["ReviewValue"];
export type Gain = Schemas["GainValue"];
export type ActIn = Schemas["ActIn"];

/** Which of the change requests a list shows. */
export const LISTS = ["review", "open", "mine", "release", "all"] as const;
export type ListName = (typeof LISTS)[number];

export interface ListAsked {
  readonly list: ListName;
  readonly kind: string;
  readonly status: string;
  readonly name: string;
}

const PAGE = 50; // a screenful and a little more; the next page is one press away

/** Change requests of a list, newest first, page after page; the first page brings the counts of all lists. */
export const changesQuery = (asked: ListAsked) =>
  infiniteQueryOptions({
    queryKey: ["changes", asked],
    queryFn: ({ pageParam, signal }) =>
      given(
        client.GET("/v1/change-requests", {
          signal,
          params: {
            query: {
              limit: PAGE,
              ...(asked.list === "all" ? {} : { list: asked.list }),
              ...(asked.kind === "" ? {} : { kind: asked.kind }),
              ...(asked.status === "" ? {} : { status: asked.status }),
              ...(asked.name === "" ? {} : { name: asked.name }),
              ...(pageParam === "" ? { counts: "1" } : { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor,
  });

/** One change request as it stands. */
export const changeQuery = (id: string) =>
  queryOptions({
    queryKey: ["change", id, "read"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/change-requests/{id}", { params: { path: { id } }, signal })),
  });

/** What the reader could do to it, who may review it, what an edit made stale. */
export const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ["change", id, "standing"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/change-requests/{id}/standing", { params: { path: { id } }, signal })),
  });

/** What it changes: one drawing of both sides, in words, and as a table of fields. */
export const drawnQuery = (id: string) =>
  queryOptions({
    queryKey: ["change", id, "diagram"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/change-requests/{id}/diagram", { params: { path: { id } }, signal })),
  });

/** What it changes as text, and leaf by leaf: for every kind of artefact. */
export const diffQuery = (id: string) =>
  queryOptions({
    queryKey: ["change", id, "diff"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/change-requests/{id}/diff", { params: { path: { id } }, signal })),
  });

/** What the checks find today. */
export const checksQuery = (id: string) =>
  queryOptions({
    queryKey: ["change", id, "checks"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/change-requests/{id}/checks", { params: { path: { id } }, signal })),
  });

/** Who gains and who loses what by it: of the access policy alone. */
export const effectQuery = (id: string) =>
  queryOptions({
    queryKey: ["change", id, "effect"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/change-requests/{id}/effect", { params: { path: { id } }, signal })),
  });

/** What a person of an answer is called: their name where it may be read, else the organisation's reference. */
export function nameOf(people: readonly PersonNamed[], id: string): string {
  const found = people.find((person) => person.id === id);
  return visible(found === undefined ? id : (found.name ?? found.ref));
}
