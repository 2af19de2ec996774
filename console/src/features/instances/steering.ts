/** What is asked and sent about acts on a running instance. No React. */
import { queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type ActOf = Schemas["ActValue"];
export type Acts = Schemas["ActsAnswer"];
export type Place = Schemas["PlaceValue"];
export type Proposal = Schemas["ProposalValue"];
export type ActName = ActOf["act"];
/** Those that are asked for in a dialog of their own; a cancellation has another. */
export type Asked = Exclude<ActName, "cancel">;

/** The key of everything that waits for a second person. */
export const PROPOSALS = ["act-proposals"] as const;

export const ASKED: readonly Asked[] = ["suspend", "resume", "modify", "correct", "migrate"];

/** What may be done with an instance, where it can be moved, and what was proposed for it. */
export function actsQuery(id: string) {
  return queryOptions({
    queryKey: ["instance", id, "acts"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/process-instances/{id}/acts", { params: { path: { id } }, signal })),
  });
}

/** An activation that ends, and the step that is entered in its place. */
export interface Move {
  readonly activation: number;
  readonly to: string;
}

/** What somebody wants done, as far as it was filled in. */
export interface Wanted {
  readonly act: Asked;
  readonly reason: string;
  readonly move: Move | null;
  readonly values: Readonly<Record<string, unknown>> | null;
  readonly migration: { readonly number: number; readonly moves: readonly Move[] } | null;
}

/** Sends one; done at once, or proposed. */
export function sent(id: string, wanted: Wanted) {
  const params = { path: { id } };
  const { reason } = wanted;
  switch (wanted.act) {
    case "suspend":
      return given(client.POST("/v1/process-instances/{id}/suspension", { params, body: { reason } }));
    case "resume":
      return given(client.POST("/v1/process-instances/{id}/resumption", { params, body: { reason } }));
    case "modify":
      return given(
        client.POST("/v1/process-instances/{id}/modification", {
          params,
          body: { reason, moves: wanted.move === null ? [] : [wanted.move] },
        }),
      );
    case "correct":
      return given(
        client.POST("/v1/process-instances/{id}/correction", {
          params,
          body: { reason, values: { ...wanted.values } as never },
        }),
      );
    case "migrate":
      return given(
        client.POST("/v1/process-instances/{id}/migration", {
          params,
          body: {
            reason,
            number: wanted.migration?.number ?? 0,
            moves: [...(wanted.migration?.moves ?? [])],
          },
        }),
      );
  }
}
