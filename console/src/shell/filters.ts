/** Filters of a screen: in the address, so that a link shows the same list, and kept for when one comes back. */
import { useEffect, useMemo } from "react";
import { useSearchParams } from "react-router";

export type Filters<N extends string> = Readonly<Partial<Record<N, string>>>;

export interface Filtering<N extends string> {
  readonly filters: Filters<N>;
  /** Sets some, and takes away those that are null or empty; the others stay. */
  readonly change: (changed: Readonly<Partial<Record<N, string | null>>>) => void;
  /** Takes away all, also where they are kept. */
  readonly clear: () => void;
}

/** The filters of these names. Where the address has none at all, those that were set here last in this window. */
export function useFilters<N extends string>(screen: string, names: readonly N[]): Filtering<N> {
  const [params, setParams] = useSearchParams();
  const isBare = params.size === 0;
  const kept = isBare ? keptOf(screen) : "";
  const search = isBare ? kept : params.toString();
  useEffect(() => {
    if (kept !== "") setParams(new URLSearchParams(kept), { replace: true });
  }, [kept, setParams]);
  return useMemo(() => {
    const filters = statedBy(search, names);
    const put = (next: URLSearchParams) => {
      keep(screen, only(names, next));
      setParams(next, { replace: true });
    };
    return {
      filters,
      change: (changed) => {
        const next = new URLSearchParams(search);
        for (const [name, value] of Object.entries(changed) as [N, string | null][]) {
          if (value === null || value === "") next.delete(name);
          else next.set(name, value);
        }
        put(next);
      },
      clear: () => put(new URLSearchParams()),
    };
  }, [search, names, screen, setParams]);
}

/** The filters that a screen at an address begins with, as `useFilters` gives them; the address with its `?` or without. */
export function filtersAt<N extends string>(
  screen: string,
  names: readonly N[],
  address: string,
): Filters<N> {
  const params = new URLSearchParams(address);
  return statedBy(params.size === 0 ? keptOf(screen) : params.toString(), names);
}

function statedBy<N extends string>(search: string, names: readonly N[]): Filters<N> {
  const stated = new URLSearchParams(search);
  const filters: Partial<Record<N, string>> = {};
  for (const name of names) {
    const value = stated.get(name);
    if (value !== null && value !== "") filters[name] = value;
  }
  return filters;
}

/** What an address states of these names, as an address. */
function only(names: readonly string[], search: URLSearchParams): string {
  const stated = [...search].filter(([name]) => names.includes(name));
  return new URLSearchParams(stated).toString();
}

const PREFIX = "muniment.filters.";

function keptOf(screen: string): string {
  try {
    return sessionStorage.getItem(PREFIX + screen) ?? "";
  } catch {
    return "";
  }
}

/** Keeps filters for when somebody comes back to a screen. */
export function keep(screen: string, search: string): void {
  try {
    sessionStorage.setItem(PREFIX + screen, search);
  } catch {
    // A browser without storage keeps nothing; the address still has them.
  }
}

const PLACES: Readonly<Record<string, string>> = {
  "/v1/process-instances": "/instances",
  "/v1/tasks": "/tasks",
  "/v1/incidents": "/incidents",
};

/** Where the console shows the list at an address of the interface: the same filters, and no others. */
export function placeOf(href: string): string {
  const [path = "", query = ""] = href.split("?");
  // Never bare: what was kept there would filter what a number counts.
  return `${PLACES[path] ?? path}?${query === "" ? "all=1" : query}`;
}
