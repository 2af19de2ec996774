/** What the screen of incidents asks, and what it makes of the answers. No React. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import type { Filters } from "../../shell/filters";
import type { Wording } from "../../wordings/told";
import type { Bulk } from "../instances/bulk";

export type Cause = components["schemas"]["CauseValue"];
export type Incident = components["schemas"]["IncidentListed"];
/** Why one of several was turned down. */
export interface RefusedOne {
  readonly reason: string;
  readonly detail: string;
  readonly wording?: Wording | undefined;
}

export type How = "retry" | "correct" | "skip" | "other";

export const FILTERS = ["state", "blueprint", "domain", "code", "step", "instance", "test"] as const;
export type Filter = (typeof FILTERS)[number];

export const LISTED = 200; // incidents of one page
export const TOGETHER = 1_000; // incidents of one act on many: the service takes no more

/** What open incidents were caused by; `test` says whether instances in test mode are among them. */
export function causesQuery(test: string | undefined) {
  const query = test === undefined ? {} : { test };
  return queryOptions({
    queryKey: ["incidents", "causes", query],
    queryFn: ({ signal }) => given(client.GET("/v1/incidents/causes", { params: { query }, signal })),
  });
}

/** One page of incidents, the newest instances first. */
function pageOf(asked: Filters<Filter>, cursor: string, signal: AbortSignal) {
  const query = { ...asked, order: "newest", limit: LISTED, ...(cursor === "" ? {} : { cursor }) };
  return given(client.GET("/v1/incidents", { params: { query }, signal }));
}

/** Incidents, page by page. */
export function incidentsQuery(asked: Filters<Filter>) {
  return infiniteQueryOptions({
    queryKey: ["incidents", "listed", asked],
    queryFn: ({ pageParam, signal }) => pageOf(asked, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** All that can be dealt with by one act, whatever is listed of them. */
export function togetherQuery(asked: Filters<Filter>) {
  return queryOptions({
    queryKey: ["incidents", "together", asked],
    queryFn: ({ signal }) => allOf(asked, (found) => found.length >= TOGETHER, signal),
  });
}

/** How these stand now, wherever they are among others, in test mode or not. */
export function batchQuery({ incidents }: Pick<Batch, "incidents">) {
  const asked = { ...inCommon(incidents), state: "any", test: "with" };
  const ids = incidents.map(({ id }) => id);
  return queryOptions({
    queryKey: ["incidents", "batch", asked, ids],
    queryFn: async ({ signal }) => {
      const left = new Set(ids);
      const isEnough = (found: readonly Incident[]) => {
        for (const { id } of found) left.delete(id);
        return left.size === 0;
      };
      const wanted = new Set(ids);
      return (await allOf(asked, isEnough, signal)).filter(({ id }) => wanted.has(id));
    },
  });
}

/** Page after page, until there are enough or no more. */
async function allOf(
  asked: Filters<Filter>,
  isEnough: (found: readonly Incident[]) => boolean,
  signal: AbortSignal,
): Promise<readonly Incident[]> {
  const found: Incident[] = [];
  for (let cursor = ""; ; ) {
    const page = await pageOf(asked, cursor, signal);
    found.push(...page.items);
    if (page.cursor === null || isEnough(found)) return found;
    cursor = page.cursor;
  }
}

const SHARED = ["blueprint", "code", "step", "instance"] as const;

/** What these have in common of what can be asked for. */
export function inCommon(incidents: readonly Incident[]): Filters<Filter> {
  const [first, ...others] = incidents;
  const common: Partial<Record<Filter, string>> = {};
  for (const name of SHARED) {
    if (first !== undefined && others.every((one) => one[name] === first[name])) common[name] = first[name];
  }
  return common;
}

/** A field of a blueprint's data. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

/** The data a version declares. */
export function fieldsQuery(blueprint: string, version: number) {
  return queryOptions({
    queryKey: ["blueprints", blueprint, version, "fields"],
    queryFn: async ({ signal }) => {
      const path = { id: blueprint, n: String(version) };
      const found = await given(client.GET("/v1/blueprints/{id}/versions/{n}", { params: { path }, signal }));
      return fieldsIn(found.value);
    },
    staleTime: Number.POSITIVE_INFINITY, // a version never changes
  });
}

/** The declared fields in the value of a blueprint. */
export function fieldsIn(value: unknown): Field[] {
  const data: unknown = typeof value === "object" && value !== null && "data" in value ? value.data : [];
  if (!Array.isArray(data)) return [];
  return data.flatMap((one: unknown) => {
    if (typeof one !== "object" || one === null || !("name" in one) || !("type" in one)) return [];
    return [{ name: String(one.name), type: String(one.type) }];
  });
}

/** What is wrong with a typed value, or the value as the interface takes it. */
export function typedValue(typed: string, type: string): { value: unknown } | { fault: "empty" | "json" } {
  const text = typed.trim();
  if (text === "") return { fault: "empty" };
  if (type === "string" || type === "date" || type === "date and time" || type === "duration")
    return { value: text };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { fault: "json" };
  }
}

/** What became of one that was asked for: done or under way, proposed to a second person, not reached yet, or turned
 * down and why. */
export type Answer = "accepted" | "proposed" | "waiting" | RefusedOne;

/** What was asked for about incidents at once: about one, with its answer, or about many in one command. */
export interface Batch {
  readonly how: How;
  /** As they were when it was asked for. */
  readonly incidents: readonly Incident[];
  /** The act on many, whose record says what became of each; null where one was asked for alone. */
  readonly bulk: { readonly id: string; readonly index: number } | null;
  readonly answers: ReadonlyMap<string, Answer>;
}

/** The act on its instance that resolving in this way is; none where the step is only tried again. */
export function actOf(how: How): "correct" | "modify" | null {
  if (how === "retry") return null;
  return how === "correct" ? "correct" : "modify";
}

/** What the record of an act on many says to each. */
export function answersOf(told: Bulk): ReadonlyMap<string, Answer> {
  const answer = ({ state, code }: Bulk["items"][number]): Answer => {
    if (state === "refused") return { reason: code, detail: "" };
    return state === "waiting" || state === "proposed" ? state : "accepted";
  };
  return new Map(told.items.map((one) => [one.item, answer(one)]));
}

export const STANDINGS = [
  "recovered",
  "skipped",
  "proposed",
  "under-way",
  "held-again",
  "refused",
  "waiting",
  "unknown",
] as const;
export type Standing = (typeof STANDINGS)[number];

/** How an incident of a batch stands now: recovered only once its step has been finished. */
export function standingOf(
  { how, answers }: Pick<Batch, "how" | "answers">,
  id: string,
  listed: readonly Incident[],
): Standing {
  const answer = answers.get(id);
  if (answer === "waiting" || answer === "proposed") return answer;
  if (answer !== "accepted") return "refused";
  const found = listed.find((one) => one.id === id);
  if (found === undefined || found.since === "" || found.since === "cancelled") return "unknown";
  if (how === "skip" || how === "other") return "skipped";
  if (found.since === "held again") return "held-again";
  return found.since === "finished" ? "recovered" : "under-way";
}
