/** What the inbox lists, as its address states it and as the server is asked for it. No page in here. */
import { dayOf, dayStart } from "../../shell/days";
import type { Filters } from "../../shell/filters";

const WEEK = 6; // days after today
const MICROSECONDS = 1_000; // in a millisecond

/** Whose tasks, due when, and what stands first. */
export const LISTS = ["mine", "delegated", "team", "done"] as const;
export const DUES = ["any", "overdue", "today", "week", "none"] as const;
export const ORDERS = ["due", "urgency"] as const;
export const NAMES = ["list", "due", "blueprint", "text", "order"] as const;
/** What narrows a list, whichever it is. */
export const NO_FILTERS = { due: "any", blueprint: "", text: "", order: "due" } as const;
export type ListName = (typeof LISTS)[number];
export type DueName = (typeof DUES)[number];
export type OrderName = (typeof ORDERS)[number];

export interface Listing {
  readonly list: ListName;
  readonly due: DueName;
  /** The name of a blueprint; empty for all. */
  readonly blueprint: string;
  /** What stands in a title or a business key; empty for all. */
  readonly text: string;
  /** What is due soonest, or what is most urgent; what is done stands as it was closed. */
  readonly order: OrderName;
}

/** What an address lists; what it does not state, or states wrongly, is as at first. */
export function listingOf(filters: Filters<(typeof NAMES)[number]>): Listing {
  return {
    list: LISTS.find((each) => each === filters.list) ?? "mine",
    due: DUES.find((each) => each === filters.due) ?? "any",
    blueprint: filters.blueprint ?? "",
    text: filters.text ?? "",
    order: ORDERS.find((each) => each === filters.order) ?? "due",
  };
}

/** As an address states it. */
export function searchOf({ list, due, blueprint, text, order }: Listing): string {
  const stated = { due: due === "any" ? "" : due, blueprint, text, order: order === "due" ? "" : order };
  return new URLSearchParams({ list, ...given(stated) }).toString();
}

/** Whether it shows less than its list has; what is done has no due times. */
export function isNarrowed({ list, due, blueprint, text }: Listing): boolean {
  return blueprint !== "" || text !== "" || (due !== "any" && list !== "done");
}

/** What `GET /v1/tasks` is asked. Days are those of the person's zone, so that the question is the same all day. */
export function asked(listing: Listing, now: Date, zone: string): Readonly<Record<string, string>> {
  const { list, due, blueprint, text, order } = listing;
  const found = given({ blueprint, text });
  if (list === "done") return { list, ...found };
  return { list, sort: order, explained: "1", ...found, ...askedDue(due, now, zone) };
}

/** Those that say something. */
function given(values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

function askedDue(due: DueName, now: Date, zone: string): Readonly<Record<string, string>> {
  if (due === "overdue") return { overdue: "1" };
  if (due === "none") return { no_due: "1" };
  if (due === "any") return {};
  const today = dayOf(now.getTime() * MICROSECONDS, zone);
  return { due_before: String(dayStart(today, zone, due === "today" ? 1 : WEEK + 1)) };
}
