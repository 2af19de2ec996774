/** What the screens of the authority register ask of the server. */
import { queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

export type Grant = components["schemas"]["GrantListed"];
export type GrantWhole = components["schemas"]["GrantAnswer"];
export type Register = components["schemas"]["RegisterAnswer"];
export type Limit = components["schemas"]["LimitValue"];

const PAGES_MAX = 20; // of 200 grants

/** Every grant; those in force at an instant where one is given. */
export function grantsQuery(at: number | null) {
  return queryOptions({
    queryKey: ["authorities", "grants", at],
    queryFn: async ({ signal }) => {
      const found: Grant[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const query = {
          limit: 200,
          ...(cursor === null ? {} : { cursor }),
          ...(at === null ? {} : { in_force_at: String(at) }),
        };
        const answer: { items: Grant[]; cursor: string | null } = await given(
          client.GET("/v1/authority-grants", { params: { query }, signal }),
        );
        found.push(...answer.items);
        cursor = answer.cursor;
        if (cursor === null) break;
      }
      return found;
    },
  });
}

/** Instruments and offices in force. */
export const registerQuery = queryOptions({
  queryKey: ["authorities", "register"],
  queryFn: ({ signal }) => given(client.GET("/v1/authorities", { signal })),
});

/** One grant with its versions and what became of it. */
export function grantQuery(id: string) {
  return queryOptions({
    queryKey: ["authorities", "grant", id],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/authority-grants/{id}", { params: { path: { id } }, signal })),
  });
}

/** The grants from the one that rests on the paper alone down to this one. */
export function chainOf(grant: Grant, all: readonly Grant[]): readonly Grant[] {
  const chain = [grant];
  let parent = grant.parent;
  while (parent !== null && chain.length <= all.length) {
    const found = all.find((one) => one.id === parent);
    if (found === undefined) break;
    chain.unshift(found);
    parent = found.parent;
  }
  return chain;
}

const SOON = 30 * 86_400_000_000; // microseconds: a month's warning

/** Whether a grant in force ends within thirty days. */
export function endsSoon(grant: Grant, now: number): boolean {
  return grant.in_force && grant.valid_to > now && grant.valid_to - now <= SOON;
}
