/** What is asked and chosen about going on under another version. No React. */
import { queryOptions, skipToken } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type MigratedPlace = Schemas["MigratedPlaceValue"];

/** In the place of a step: none, it stays. No step is called so. */
export const KEPT = "=";
const MOST = 200; // versions that are offered: those released last

/** The number of a version as text, and by activation the step that is entered in its place, or `KEPT`. */
export interface Chosen {
  readonly number: string | null;
  readonly to: Readonly<Record<number, string>>;
}

export const NOTHING_CHOSEN: Chosen = { number: null, to: {} };

/** The versions of a blueprint, newest first. */
export function versionsOf(blueprint: string) {
  return queryOptions({
    queryKey: ["blueprint", blueprint, "versions", "offered"],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/blueprints/{id}/versions", {
          params: { path: { id: blueprint }, query: { limit: MOST } },
          signal,
        }),
      ),
  });
}

/** What it comes to that an instance goes on under a version. */
export function migrationQuery(id: string, number: string | null) {
  return queryOptions({
    queryKey: ["instance", id, "migration", number],
    queryFn:
      number === null
        ? skipToken
        : ({ signal }) =>
            given(
              client.GET("/v1/process-instances/{id}/migration", {
                params: { path: { id }, query: { number } },
                signal,
              }),
            ),
  });
}

/** The places that are left to be chosen of: what runs inside one that is moved ends with it. */
export function goesOn(places: readonly MigratedPlace[], chosen: Chosen): MigratedPlace[] {
  const ended = new Set<number>();
  return places.filter((one) => {
    const isInside = one.inside !== null && ended.has(one.inside);
    if (isInside || (chosen.to[one.activation] ?? KEPT) !== KEPT) ended.add(one.activation);
    return !isInside;
  });
}

/** What is moved where; null as long as a step that cannot be kept has no other in its place. */
export function movesOf(places: readonly MigratedPlace[], chosen: Chosen) {
  const moves = [];
  for (const one of goesOn(places, chosen)) {
    const to = chosen.to[one.activation] ?? (one.kept ? KEPT : null);
    if (to === null) return null;
    if (to !== KEPT) moves.push({ activation: one.activation, to });
  }
  return moves;
}
