/** What is asked about people around a task, and what they do with one another about it. */
import { useQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Comment = Schemas["CommentValue"];
export type Attachment = Schemas["AttachmentValue"];
export type Notification = Schemas["NotificationValue"];
export type Preferences = Schemas["PreferencesAnswer"];

const PAGE = 200; // rows: a conversation is read as one

/** Whom a task could be given to. */
export function useCandidates(id: string) {
  return useQuery({
    queryKey: ["candidates", id], // not under the task: once that is over, there are none to read
    queryFn: ({ signal }) =>
      given(client.GET("/v1/tasks/{id}/candidates", { params: { path: { id } }, signal })),
  });
}

/** What was said about the instance of a task; it is read again with the instance. */
export function useComments(id: string, instance: string) {
  return useQuery({
    queryKey: ["instance", instance, "comments"],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/tasks/{id}/comments", {
          params: { path: { id }, query: { limit: PAGE } },
          signal,
        }),
      ),
  });
}

/** What is attached to the instance of a task. */
export function useAttachments(id: string, instance: string) {
  return useQuery({
    queryKey: ["instance", instance, "attachments"],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/tasks/{id}/attachments", {
          params: { path: { id }, query: { limit: PAGE } },
          signal,
        }),
      ),
  });
}

/** Whether this person follows a task. */
export function useWatch(id: string) {
  return useQuery({
    queryKey: ["task", id, "watch"],
    queryFn: ({ signal }) => given(client.GET("/v1/tasks/{id}/watch", { params: { path: { id } }, signal })),
  });
}

/** Follows a task, or no more. */
export function watch(id: string, isOn: boolean) {
  const params = { path: { id } };
  return isOn
    ? given(client.PUT("/v1/tasks/{id}/watch", { params }))
    : given(client.DELETE("/v1/tasks/{id}/watch", { params }));
}

/** Says something about a task; `replaces` names an earlier comment of one's own. */
export function comment(id: string, text: string, replaces: string) {
  const body = { text, replaces, data_class: "confidential" as const };
  return given(client.POST("/v1/tasks/{id}/comments", { params: { path: { id } }, body }));
}

/** Attaches a file to a task: its bytes are the body. */
export function attach(id: string, file: File) {
  return given(
    client.POST("/v1/tasks/{id}/attachments", {
      params: { path: { id }, query: { name: file.name } },
      headers: { "Content-Type": file.type },
      body: file as never,
      bodySerializer: (body: unknown) => body as File,
    }),
  );
}

export interface HandOver {
  readonly id: string;
  readonly revision: number;
}

/** Gives a task to somebody else, for good or to work on it. */
export function handOver(act: "reassign" | "delegate", task: HandOver, to: string, reason: string) {
  const params = { path: { id: task.id } };
  const body = { to, reason, expected_revision: task.revision };
  return act === "reassign"
    ? given(client.POST("/v1/tasks/{id}/reassign", { params, body }))
    : given(client.POST("/v1/tasks/{id}/delegate", { params, body }));
}

/** Returns a delegated task, with an outcome as a proposal or without; its holder takes it back the same way. */
export function giveBack(task: HandOver, outcome: string, reason: string) {
  const body = { outcome, reason, expected_revision: task.revision };
  return given(client.POST("/v1/tasks/{id}/return", { params: { path: { id: task.id } }, body }));
}

/** What this person was told of. */
export function useNotifications() {
  return useQuery({
    queryKey: ["notifications"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/notifications", { params: { query: { limit: PAGE } }, signal })),
  });
}

/** All up to a cause has been read. */
export function markRead(upto: number) {
  return given(client.POST("/v1/notifications/read", { body: { upto } }));
}

/** How this person wants to be told. */
export function usePreferences() {
  return useQuery({
    queryKey: ["notification-preferences"],
    queryFn: ({ signal }) => given(client.GET("/v1/me/notification-preferences", { signal })),
  });
}

/** Says how to be told. */
export function prefer(body: Preferences) {
  return given(client.PUT("/v1/me/notification-preferences", { body }));
}
