/** What the actors behind ids are called: asked once for the ids of a page, however many rows name them. */
import { queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { useMay } from "../../api/session";

const IDS_MAX = 100; // of one question
const ACTOR = /^(person|svc|agent):/;
const KNOWN_FOR = 300_000; // ms: references change rarely

/** The called actors of the ids in each text of a page. */
function calledQuery(ids: readonly string[]) {
  return queryOptions({
    queryKey: ["called", ids],
    queryFn: async ({ signal }) =>
      (await given(client.GET("/v1/names", { params: { query: { ids: ids.join(",") } }, signal }))).items,
    staleTime: KNOWN_FOR,
  });
}

export type CallName = (id: string) => string;

/** Turns an id into what its actor is called; into itself where that is not known (yet). */
export function useCalled(ids: readonly string[]): CallName {
  const wanted = [...new Set(ids.filter((id) => ACTOR.test(id)))].sort();
  const chunks: string[][] = [];
  for (let at = 0; at < wanted.length; at += IDS_MAX) chunks.push(wanted.slice(at, at + IDS_MAX));
  const answers = useQueries({ queries: chunks.map(calledQuery) });
  const names = new Map<string, string>();
  for (const answer of answers) for (const one of answer.data ?? []) names.set(one.id, one.called);
  return (id) => names.get(id) ?? id;
}

export interface Holder {
  readonly id: string;
  readonly kind: string;
  readonly called: string;
  readonly status: string;
  readonly roles: readonly Held[];
}

export interface Held {
  readonly role: string;
  readonly domain: string;
  readonly valid_from: number;
  readonly valid_until: number | null;
  readonly entry_index: number;
}

const PAGES_MAX = 10; // of 200: more are found by typing an id

/** Everybody with the roles of an instant, null for now. */
export function holdersQuery(at: number | null) {
  return queryOptions({
    queryKey: ["holders", at],
    queryFn: async ({ signal }) => {
      const found: Holder[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const query = {
          limit: 200,
          ...(cursor === null ? {} : { cursor }),
          ...(at === null ? {} : { at: String(at) }),
        };
        const answer: { items: Holder[]; cursor: string | null } = await given(
          client.GET("/v1/access/holders", { params: { query }, signal }),
        );
        found.push(...answer.items);
        cursor = answer.cursor;
        if (cursor === null) break;
      }
      return found;
    },
  });
}

/**
 * Everybody with the roles of an instant; only for whoever may read access. `always` asks the server in any case, where
 * its refusal is what is to be shown.
 */
export function useHolders(at: number | null = null, always = false) {
  const may = useMay();
  return useQuery({ ...holdersQuery(at), enabled: always || may("access:read") });
}
