/** What the screens of the ledger ask of the server. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { fromBase64Url } from "../../verify/bytes";
import { type Checked, checkEntry, type Keys, logKeys, type Receipt } from "../../verify/entry_proof";
import { parseVkey } from "../../verify/note";

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

const PAGE = 50;
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

/** The path that an older tree is the beginning of a newer one. */
export async function consistencyPath(old: number, size: number): Promise<readonly Uint8Array[]> {
  if (old === 0 || old === size) return [];
  const query = { old, new: size };
  const answer = await given(client.GET("/v1/ledger/proofs/consistency", { params: { query } }));
  return answer.hashes.map(fromBase64Url);
}

/** The keys that lines of a checkpoint of this size are checked with. */
export function keysAt(
  size: number,
  pinned: string | null,
  known: KeysAnswer,
  standing: Standing | undefined,
): Keys {
  const witnesses = (standing?.items ?? []).flatMap((one) => one.vkeys).map(parseVkey);
  return { log: logKeys(size, pinned, known.lists, known.items), witnesses };
}

const proven = new Map<number, string>();

/** The entries checked in this window since it was opened, each with its leaf hash. */
export function isProvenHere({ index, leaf_hash }: Entry): boolean {
  return proven.get(index) === leaf_hash;
}

/** Checks an entry, and remembers it when it holds. */
export function checkedEntry(receipt: Receipt, keys: (size: number) => Keys): Checked {
  const checked = checkEntry(receipt, keys);
  if (checked.isProven) proven.set(receipt.index, receipt.leaf_hash);
  else proven.delete(receipt.index);
  return checked;
}
