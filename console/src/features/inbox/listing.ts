/** What the inbox lists, as its address states it and as the server is asked for it. No page in here. */
import { dayOf, dayStart } from "../../shell/days";
import type { Filters } from "../../shell/filters";

const WEEK = 6; // days after today
const MICROSECONDS = 1_000; // in a millisecond

/** Whose tasks, due when, and what stands first. */
export const LISTS = ["mine", "delegated", "team", "done"] as const;
export const DUES = ["any", "overdue", "today", "week", "none"] as const;
export const ORDERS = ["due", "urgency"] as const;
export const URGENCIES = ["20", "40", "60", "80"] as const; // of 100
export const NAMES = ["list", "due", "blueprint", "domain", "text", "order", "urgency"] as const;
/** What narrows a list, whichever it is. */
export const NO_FILTERS = {
  due: "any",
  blueprint: "",
  domain: "",
  text: "",
  order: "due",
  urgency: "",
} as const;
/** As a change of the filters: whatever narrows a list is taken away, what stands first in it stays. */
export const CLEARED = { due: null, blueprint: null, domain: null, text: null, urgency: null } as const;
export type ListName = (typeof LISTS)[number];
export type DueName = (typeof DUES)[number];
export type OrderName = (typeof ORDERS)[number];

export interface Listing {
  readonly list: ListName;
  readonly due: DueName;
  /** The name of a blueprint; empty for all. */
  readonly blueprint: string;
  /** Of which part of the organisation; empty for all of which one has tasks. */
  readonly domain: string;
  /** What stands in a title or a business key; empty for all. */
  readonly text: string;
  /** What is due soonest, or what is most urgent; what is done stands as it was closed. */
  readonly order: OrderName;
  /** At least how urgent; empty for all, and for what is done, of which nothing is urgent any more. */
  readonly urgency: string;
}

/** What an address lists; what it does not state, or states wrongly, is as at first. */
export function listingOf(filters: Filters<(typeof NAMES)[number]>): Listing {
  return {
    list: LISTS.find((each) => each === filters.list) ?? "mine",
    due: DUES.find((each) => each === filters.due) ?? "any",
    blueprint: filters.blueprint ?? "",
    domain: filters.domain ?? "",
    text: filters.text ?? "",
    order: ORDERS.find((each) => each === filters.order) ?? "due",
    urgency: URGENCIES.find((each) => each === filters.urgency) ?? "",
  };
}

/** As an address states it. */
export function searchOf({ list, due, order, ...plain }: Listing): string {
  const { blueprint, domain, text, urgency } = plain;
  const [dueSaid, orderSaid] = [due === "any" ? "" : due, order === "due" ? "" : order];
  const stated = { due: dueSaid, blueprint, domain, text, order: orderSaid, urgency };
  return new URLSearchParams({ list, ...given(stated) }).toString();
}

/** Whether it shows less than its list has; what is done has no due times and no urgency. */
export function isNarrowed({ list, due, blueprint, domain, text, urgency }: Listing): boolean {
  const isOpen = list !== "done";
  return [blueprint, domain, text].some(Boolean) || (isOpen && (due !== "any" || urgency !== ""));
}

/** What `GET /v1/tasks` is asked. Days are those of the person's zone, so that the question is the same all day. */
export function asked(listing: Listing, now: Date, zone: string): Readonly<Record<string, string>> {
  const { list, due, blueprint, domain, text, order, urgency } = listing;
  const found = given({ blueprint, domain, text });
  if (list === "done") return { list, ...found };
  const urgent = given({ urgency_from: urgency });
  return { list, sort: order, explained: "1", ...found, ...urgent, ...askedDue(due, now, zone) };
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
