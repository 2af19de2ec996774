/** What the inbox lists, as its address states it and as the server is asked for it. No page in here. */
import { dayOf, dayStart } from "../../shell/days";
import type { Filters } from "../../shell/filters";

const WEEK = 6; // days after today
const MICROSECONDS = 1_000; // in a millisecond

/** Whose tasks, and due when. */
export const LISTS = ["mine", "delegated", "team", "done"] as const;
export const DUES = ["any", "overdue", "today", "week", "none"] as const;
export const NAMES = ["list", "due"] as const;
export type ListName = (typeof LISTS)[number];
export type DueName = (typeof DUES)[number];

export interface Listing {
  readonly list: ListName;
  readonly due: DueName;
}

/** What an address lists; what it does not state, or states wrongly, is as at first. */
export function listingOf(filters: Filters<(typeof NAMES)[number]>): Listing {
  return {
    list: LISTS.find((each) => each === filters.list) ?? "mine",
    due: DUES.find((each) => each === filters.due) ?? "any",
  };
}

/** As an address states it. */
export function searchOf({ list, due }: Listing): string {
  return due === "any" ? `list=${list}` : `list=${list}&due=${due}`;
}

/** What `GET /v1/tasks` is asked. Days are those of the person's zone, so that the question is the same all day. */
export function asked({ list, due }: Listing, now: Date, zone: string): Readonly<Record<string, string>> {
  const sorted = list === "done" ? {} : { sort: "due", explained: "1" };
  return { list, ...sorted, ...(list === "done" ? {} : askedDue(due, now, zone)) };
}

function askedDue(due: DueName, now: Date, zone: string): Readonly<Record<string, string>> {
  if (due === "overdue") return { overdue: "1" };
  if (due === "none") return { no_due: "1" };
  if (due === "any") return {};
  const today = dayOf(now.getTime() * MICROSECONDS, zone);
  return { due_before: String(dayStart(today, zone, due === "today" ? 1 : WEEK + 1)) };
}
