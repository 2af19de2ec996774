/** One act on many instances or incidents: asked for once, and what became of each. No React. */
import { queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Bulk = Schemas["BulkAnswer"];
export type BulkItem = Schemas["BulkItemValue"];
export type Started = Schemas["BulkStartedAnswer"];
export type BulkAct = "suspend" | "resume" | "cancel";

const PAGE = 200; // items
const LOOK_AGAIN = 1_500; // ms, while some are not reached

export interface Wanted {
  readonly act: BulkAct | "resolve";
  readonly items: readonly string[];
  readonly how?: "retry" | "skip";
  readonly reason: string;
}

/** Asks for it: one command, whatever the number. */
export function startBulk(wanted: Wanted): Promise<Started> {
  const { act, items, how = "", reason } = wanted;
  return given(
    client.POST("/v1/process-instances/bulk", {
      body: { act, items: [...items], how, reason },
    }),
  );
}

/** How far it got, with every item; asked again until all were reached. */
export function bulkQuery(id: string) {
  return queryOptions({
    queryKey: ["bulk", id],
    queryFn: async ({ signal }) => {
      const items: BulkItem[] = [];
      for (let cursor: string | null = ""; ; ) {
        const query: { limit: number; cursor?: string } = { limit: PAGE, ...(cursor ? { cursor } : {}) };
        const page: Bulk = await given(
          client.GET("/v1/process-instances/bulk/{id}", { params: { path: { id }, query }, signal }),
        );
        items.push(...page.items);
        cursor = page.cursor;
        if (cursor === null) return { ...page, items };
      }
    },
    refetchInterval: ({ state }) =>
      state.data !== undefined && state.data.finished_at !== null ? false : LOOK_AGAIN,
  });
}
