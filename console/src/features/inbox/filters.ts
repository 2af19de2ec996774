/** What the inbox lists: whose tasks, and due when. It stands in the address and is kept in this browser. */
import { useEffect } from "react";
import { useSearchParams } from "react-router";

export const LISTS = ["mine", "team", "done"] as const;
export const DUES = ["any", "overdue", "today", "week", "none"] as const;
export type ListName = (typeof LISTS)[number];
export type DueName = (typeof DUES)[number];

export interface Filters {
  readonly list: ListName;
  readonly due: DueName;
}

const KEY = "muniment.inbox";
const WEEK = 6; // days after today
const DAY = 86_400_000; // ms
const MICROSECONDS = 1_000; // in a millisecond

/** The filters of an address; what it does not state, or states wrongly, is as at first. */
export function filtersOf(search: URLSearchParams): Filters {
  const list = LISTS.find((each) => each === search.get("list")) ?? "mine";
  const due = DUES.find((each) => each === search.get("due")) ?? "any";
  return { list, due };
}

/** As an address states them. */
export function searchOf({ list, due }: Filters): string {
  return due === "any" ? `list=${list}` : `list=${list}&due=${due}`;
}

/** The filters in force, and how to set some of them. An address without any takes those of the last visit. */
export function useFilters(): readonly [Filters, (to: Partial<Filters>) => void] {
  const [search, setSearch] = useSearchParams();
  const isStated = search.has("list");
  const filters = isStated ? filtersOf(search) : filtersOf(new URLSearchParams(kept()));
  const { list, due } = filters;
  const set = (to: Partial<Filters>) => setSearch(stating({ ...filters, ...to }), { replace: true });
  useEffect(() => {
    if (isStated) keep(searchOf({ list, due }));
    else setSearch(stating({ list, due }), { replace: true });
  }, [isStated, list, due, setSearch]);
  return [filters, set];
}

/** Other members of the address stay as they are. */
function stating(filters: Filters): (before: URLSearchParams) => URLSearchParams {
  return (before) => {
    const after = new URLSearchParams(before);
    after.delete("due");
    for (const [name, value] of new URLSearchParams(searchOf(filters))) after.set(name, value);
    return after;
  };
}

/** What `GET /v1/tasks` is asked. Days are those of the person's zone, so that the question is the same all day. */
export function asked({ list, due }: Filters, now: Date, zone: string): Readonly<Record<string, string>> {
  const sorted = list === "done" ? {} : { sort: "due", explained: "1" };
  return { list, ...sorted, ...(list === "done" ? {} : askedDue(due, now, zone)) };
}

function askedDue(due: DueName, now: Date, zone: string): Readonly<Record<string, string>> {
  if (due === "overdue") return { overdue: "1" };
  if (due === "none") return { no_due: "1" };
  if (due === "any") return {};
  const until = dayAfter(now, zone, due === "today" ? 0 : WEEK);
  return { due_before: String(until.getTime() * MICROSECONDS) };
}

/** The midnight at which the day that lies `days` after today ends in a zone. */
export function dayAfter(now: Date, zone: string, days: number): Date {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now).split("-").map(Number);
  const [year = 1970, month = 1, day = 1] = parts;
  const midnight = Date.UTC(year, month - 1, day + days + 1);
  const near = new Date(midnight - offset(new Date(midnight), zone));
  return new Date(midnight - offset(near, zone)); // once more, for a change of the clocks in between
}

/** By how many milliseconds the clocks of a zone are ahead of UTC; never more than a day. */
function offset(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
  const there = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"));
  const ahead = there - Math.floor(at.getTime() / 60_000) * 60_000;
  return Math.abs(ahead) > DAY ? 0 : ahead;
}

function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // a browser that keeps nothing: the first list it is
  }
}

function keep(search: string): void {
  try {
    localStorage.setItem(KEY, search);
  } catch {
    return;
  }
}
