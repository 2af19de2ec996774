/** What the screens of the ledger ask of the server. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

export type Entry = components["schemas"]["EntryAnswer"];
export type Standing = components["schemas"]["WitnessesAnswer"];
export type KeysAnswer = components["schemas"]["KeysAnswer"];

/** How the list is picked: as the address has it, days already turned into instants. */
export interface Picked {
  readonly kind?: string;
  readonly subject?: string;
  readonly actor?: string;
  readonly from?: string;
  readonly to?: string;
}

const PAGE = 30; // entries: a screenful and a little more
const LIVE = 10_000; // ms between two looks at where the log stands

/** Entries, newest first, page by page. */
export function entriesQuery(picked: Picked) {
  return infiniteQueryOptions({
    queryKey: ["ledger", "entries", picked],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam === "" ? {} : { cursor: pageParam };
      const query = { order: "newest", limit: PAGE, ...picked, ...cursor };
      return given(client.GET("/v1/ledger/entries", { params: { query }, signal }));
    },
    getNextPageParam: (last) => last.cursor,
  });
}

/** Where the log stands, and who has seen it. */
export const standingQuery = queryOptions({
  queryKey: ["ledger", "standing"],
  queryFn: ({ signal }) => given(client.GET("/v1/witnesses", { signal })),
  refetchInterval: LIVE,
});

/** The log's keys and their signed lists. */
export const keysQuery = queryOptions({
  queryKey: ["keys"],
  queryFn: ({ signal }) => given(client.GET("/v1/keys", { signal })),
});

/** One entry. */
export function entryQuery(index: number) {
  return queryOptions({
    queryKey: ["ledger", "entry", index],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/ledger/entries/{index}", { params: { path: { index: String(index) } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The receipt of an entry with its path and bytes, against the newest checkpoint. */
export function receiptQuery(index: number) {
  return queryOptions({
    queryKey: ["ledger", "receipt", index],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/ledger/receipts/{index}", {
          params: { path: { index: String(index) }, query: { proof: 1, entry: 1 } },
          signal,
        }),
      ),
    // The proof stays good; a newer one is fetched when somebody asks for it.
    staleTime: Number.POSITIVE_INFINITY,
  });
}

const proven = new Map<number, string>();

/** The entries checked in this window since it was opened, each with its leaf hash. */
export function isProvenHere({ index, leaf_hash }: Entry): boolean {
  return proven.get(index) === leaf_hash;
}

/** Remembers what came of checking an entry. */
export function rememberProof(index: number, leaf_hash: string, isProven: boolean): void {
  if (isProven) proven.set(index, leaf_hash);
  else proven.delete(index);
}
