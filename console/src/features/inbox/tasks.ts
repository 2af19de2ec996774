/** What is asked of the server about tasks, and what is done to them. */
import {
  infiniteQueryOptions,
  queryOptions,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { useLive } from "../../api/live";
import type { components } from "../../api/schema";
import { useMay } from "../../api/session";
import { useNow } from "../../design";
import { useFormats } from "../../i18n";
import { asked, type Listing } from "./listing";

type Schemas = components["schemas"];
export type Task = Schemas["TaskAnswer"];
export type Listed = Schemas["TaskListed"];
export type Counts = Schemas["TaskCounts"];
export type Stated = Schemas["StatedAnswer"];
export type Completed = Schemas["CompletedAnswer"];
export type Entry = Schemas["HistoryItem"];
export type Refused = Schemas["RefusedValue"];

const PAGE = 50; // rows

/** The tasks that a listing asks for at a moment, page by page. */
export function tasksQuery(listing: Listing, now: Date, zone: string) {
  const question = asked(listing, now, zone);
  return infiniteQueryOptions({
    queryKey: ["tasks", question] as const,
    queryFn: ({ pageParam, signal }) =>
      given(
        client.GET("/v1/tasks", {
          params: {
            query: {
              ...question,
              counts: "1",
              limit: PAGE,
              ...(pageParam === "" ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** The tasks of a listing; they follow what changes. */
export function useTasks(listing: Listing) {
  const { zone } = useFormats();
  const query = tasksQuery(listing, useNow(), zone);
  useLive("inbox", [["tasks"]]);
  return useInfiniteQuery({
    ...query,
    // The rows of another list would stand there under the wrong name.
    placeholderData: (before, last) =>
      last?.queryKey[1]?.list === query.queryKey[1].list ? before : undefined,
  });
}

/** One task. */
export function taskQuery(id: string) {
  return queryOptions({
    queryKey: ["task", id],
    queryFn: ({ signal }) => given(client.GET("/v1/tasks/{id}", { params: { path: { id } }, signal })),
  });
}

/** One task; it follows its instance, or the inbox for who may not read instances. */
export function useTask(id: string) {
  const isFollowed = useMay()("instance:read");
  const task = useQuery(taskQuery(id));
  const instance = task.data?.instance;
  useLive(instance !== undefined && isFollowed ? `instance:${instance}` : null, [
    ["task", id],
    ["instance", instance],
  ]);
  useLive(isFollowed ? null : "inbox", [["task", id]]);
  return task;
}

/** The drawing of a task's instance, with how far it is. */
export function useDrawing(instance: string) {
  return useQuery({
    queryKey: ["instance", instance, "diagram"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/process-instances/{id}/diagram", { params: { path: { id: instance } }, signal })),
  });
}

/** What happened in a task's instance, newest first, page by page. */
export function useHistory(instance: string) {
  return useInfiniteQuery({
    queryKey: ["instance", instance, "history"],
    queryFn: ({ pageParam, signal }) =>
      given(
        client.GET("/v1/process-instances/{id}/history", {
          params: {
            path: { id: instance },
            query: { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** The instance a task belongs to. */
export function useInstance(instance: string) {
  return useQuery({
    queryKey: ["instance", instance],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/process-instances/{id}", { params: { path: { id: instance } }, signal })),
  });
}

/** Takes a task for oneself. */
export function claim(task: { id: string; revision: number }) {
  const body = { expected_revision: task.revision };
  return given(client.POST("/v1/tasks/{id}/claim", { params: { path: { id: task.id } }, body }));
}

/** How many tasks one request takes. */
export const TAKEN_AT_ONCE = 200;

/** Takes tasks for oneself, each by itself: `TAKEN_AT_ONCE` at most. */
export function takeMany(tasks: readonly { id: string; revision: number }[]) {
  const items = tasks.map(({ id, revision }) => ({ task: id, expected_revision: revision }));
  return given(client.POST("/v1/tasks/claims", { body: { items } }));
}

/** Gives a task back. */
export function release(task: { id: string; revision: number }) {
  const body = { expected_revision: task.revision };
  return given(client.POST("/v1/tasks/{id}/release", { params: { path: { id: task.id } }, body }));
}

/** Reads again whatever an act on a task may have moved; without an id, on any. */
export function useRead() {
  const queries = useQueryClient();
  return (id?: string) =>
    Promise.all([
      queries.invalidateQueries({ queryKey: id === undefined ? ["task"] : ["task", id] }),
      queries.invalidateQueries({ queryKey: ["tasks"] }),
    ]);
}
