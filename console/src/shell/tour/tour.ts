/** The tour of a demo organisation: what the server says of it, and what only this browser knows. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "react-router";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../api/session";
import { hasScreen } from "../places";
import { keepTour, type TourMemory, tourMemory } from "./tour_memory";

const WIDE = "(min-width: 1200px)"; // where the tour has room beside a screen
const OFTEN = 15_000; // ms between two looks at what was done, while the tour is open

export type StopValue = components["schemas"]["StopValue"];

/** A stop as people see it. `place` is null where there is nothing of the kind, or no screen for it. */
export interface Stop extends Pick<StopValue, "id" | "title" | "words"> {
  readonly place: string | null;
  readonly isDone: boolean;
}

export interface Tour {
  readonly stops: readonly Stop[];
  readonly done: number;
  readonly isOpen: boolean;
  readonly setOpen: (isOpen: boolean) => void;
}

/** The stops, with what the ledger knows and what was visited here. */
export function stopsOf(told: readonly StopValue[], visited: readonly string[]): readonly Stop[] {
  return told.map(({ id, title, words, route, done }) => ({
    id,
    title,
    words,
    place: route !== null && hasScreen(route) ? route : null,
    isDone: done ?? visited.includes(id),
  }));
}

/** Stops that the visit to `path` makes: those that the ledger does not show. */
export function visitedAt(told: readonly StopValue[], path: string): readonly string[] {
  return told
    .filter((stop) => stop.recognised_by === "session" && stop.route === path)
    .map((stop) => stop.id);
}

/** The tour of whoever is signed in; null in an organisation that is no demo, and for who has none. */
export function useTour(): Tour | null {
  const me = useMe();
  const { pathname } = useLocation();
  const owner = `${me.log} ${me.person?.id ?? ""}`;
  const [memory, setMemory] = useState(() => tourMemory(owner));
  const isOpen = memory.isOpen ?? window.matchMedia(WIDE).matches;
  const { data } = useQuery({
    queryKey: ["tour", pathname],
    queryFn: ({ signal }) => given(client.GET("/v1/tour", { signal })),
    enabled: me.is_demo && me.person !== null,
    placeholderData: (before) => before,
    refetchInterval: isOpen ? OFTEN : false,
    retry: false,
  });
  const keep = (changed: Partial<TourMemory>) => {
    const next = { ...memory, ...changed };
    setMemory(next);
    keepTour(owner, next);
  };
  const told = data?.stops ?? [];
  const fresh = visitedAt(told, pathname).filter((id) => !memory.visited.includes(id));
  useEffect(() => {
    if (fresh.length > 0) keep({ visited: [...memory.visited, ...fresh] });
  });
  if (told.length === 0) return null;
  const stops = stopsOf(told, memory.visited);
  return {
    stops,
    done: stops.filter((stop) => stop.isDone).length,
    isOpen,
    setOpen: (to) => keep({ isOpen: to }),
  };
}
