/** Timelines, days, figures and incidents: what the screens make of answers, without a page. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { client } from "../src/api/client";
import {
  answersOf,
  type Batch,
  batchQuery,
  fieldsIn,
  type Incident,
  standingOf,
  TOGETHER,
  togetherQuery,
  typedValue,
} from "../src/features/incidents/queries";
import type { Followed, HistoryItem } from "../src/features/instances/queries";
import {
  failuresIn,
  iconOf,
  kindWords,
  rowsOf,
  type Steps,
  sentencesOf,
  stepOf,
} from "../src/features/instances/timeline";
import { rowsOf as figureRows } from "../src/features/overview/figure_rows";
import { askedOf, heatOf, worstOf } from "../src/features/overview/queries";
import english from "../src/i18n/en";
import { sayer } from "../src/i18n/messages";
import { dayOf, dayStart, daysBefore } from "../src/shell/days";
import { placeOf } from "../src/shell/filters";
import { cellOf } from "../src/shell/saving";

const say = sayer(english, "en-GB");
const steps: Steps = {
  title: (step) => ({ approval: "Approval", post: "Post" })[step] ?? step,
  at: (activation) => ({ 1: "approval", 2: "post" })[activation ?? 0],
};
const moment = (at: number) => `at ${at}`;

function followed(
  type: string,
  activation: number | null = 2,
  detail: Record<string, unknown> = {},
): Followed {
  return { type, activation, detail } as Followed;
}

function entry(index: number, changed: Partial<HistoryItem> = {}): HistoryItem {
  return {
    index,
    leaf_hash: "",
    kind: "call.started",
    recorded_at: "2026-11-22T09:00:00Z",
    actor: { id: "system:runner", kind: "system" },
    words: [],
    who: "system:runner",
    reason: null,
    reason_code: null,
    decision: null,
    refused: null,
    followed: [],
    ...changed,
  } as HistoryItem;
}

const person = { actor: { id: "person:1", kind: "person" } } as Partial<HistoryItem>;

describe("a timeline", () => {
  it("folds machines in a row and nothing else, and loses no entry", () => {
    const items = [
      entry(9, { kind: "call.failed", followed: [followed("call.failed"), followed("incident.raised")] }),
      entry(8, { kind: "call.failed", followed: [followed("call.failed")] }),
      entry(7),
      entry(6, { kind: "task.completed", ...person }),
      entry(5),
      entry(4, { kind: "command.refused", refused: { reason: "NO_RULE", message: "no", wording: null } }),
    ];
    const rows = rowsOf(items);
    expect(
      rows.map((row) => (row.type === "entry" ? row.item.index : row.items.map((one) => one.index))),
    ).toEqual([9, [8, 7], 6, 5, 4]);
    const [, fold] = rows;
    expect(fold?.type === "folded" && failuresIn(fold.items)).toBe(1);
  });

  it("says what followed once, by the names of steps, with the books apart", () => {
    const item = entry(3, {
      kind: "task.completed",
      ...person,
      followed: [
        followed("task.completed", 1, { step: "approval", by: "budget-owner-1" }),
        followed("variable.set", null, { path: "route", value: "x" }),
        followed("step.left", 1, { to: "post" }),
        followed("step.entered", 2, { step: "post" }),
        followed("call.requested", 2, { operation: "finance.post_invoice" }),
      ],
    });
    const { told, kept } = sentencesOf(item, { say, steps, moment });
    expect(told).toEqual(["Post began", "Post: a call of finance.post_invoice was requested"]);
    expect(kept).toEqual(["route was recorded", "Approval was left"]);
    expect([stepOf(item, steps), kindWords(say, item), iconOf(item)]).toEqual([
      "Approval",
      "Task completed",
      "check",
    ]);
  });

  it("says whom a step told, and by which rule", () => {
    const to = [
      { rule: "role clerks", person: "clerk-1" },
      { rule: "role clerks", person: "clerk-2", stands_in_for: "clerk-1" },
      { rule: "office head" },
    ];
    const item = entry(4, { followed: [followed("people.told", 1, { step: "approval", to })] });
    expect(sentencesOf(item, { say, steps, moment }).told).toEqual([
      "Approval: told to clerk-1 (role clerks), clerk-2 (role clerks, in place of clerk-1), nobody (office head)",
    ]);
  });

  it("says every transition that can be recorded", () => {
    const item = entry(2, { followed: [followed("task.offered", 1, { role: "budget-owner", due: 5 })] });
    expect(sentencesOf(item, { say, steps, moment }).told).toEqual([
      "Approval was offered to budget-owner, due at 5",
    ]);
    const late = entry(1, {
      followed: [followed("deadline.escalated", 1, { act: "passed on", to: "approve-invoice" })],
    });
    expect(sentencesOf(late, { say, steps, moment }).told).toEqual([
      "Approval is late: passed on to approve-invoice",
    ]);
    const missed = entry(1, {
      followed: [
        followed("deadline.escalated", 1, { act: "goal missed", urgency: 10 }),
        followed("deadline.paused", 0, { at: 5 }),
        followed("deadline.resumed", 0, { due: 5 }),
      ],
    });
    expect(sentencesOf(missed, { say, steps, moment }).told).toEqual([
      "Approval missed its goal",
      "The instance: its clock stands still while something waits for the customer",
      "The instance: its clock goes on; next at 5",
    ]);
    const unknown = entry(1, { followed: [followed("new.thing", null)] });
    expect(sentencesOf(unknown, { say, steps, moment }).told).toEqual(["new.thing"]);
  });
});

describe("days of a zone", () => {
  it.each([
    ["2026-11-22", "Europe/Lisbon", "2026-11-22T00:00:00Z"],
    ["2026-07-01", "Europe/Lisbon", "2026-06-30T23:00:00Z"],
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z"],
    ["2026-10-26", "Europe/Berlin", "2026-10-25T23:00:00Z"],
    ["2026-11-22", "America/Los_Angeles", "2026-11-22T08:00:00Z"],
    ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00Z"], // its midnight is left out
  ])("%s begins in %s at %s", (day, zone, begins) => {
    const at = dayStart(day, zone);
    expect(new Date(at / 1_000).toISOString()).toBe(begins.replace("Z", ".000Z"));
    expect(dayOf(at, zone)).toBe(day);
    expect(dayOf(at - 1, zone)).toBe(daysBefore(at, zone, 1));
  });

  it("ends with the next", () => {
    expect(dayStart("2026-11-22", "UTC", 1)).toBe(dayStart("2026-11-23", "UTC"));
  });
});

describe("figures", () => {
  it("lead to the list they count, never to one that was filtered before", () => {
    expect(placeOf("/v1/process-instances?status=active")).toBe("/instances?status=active");
    expect(placeOf("/v1/process-instances")).toBe("/instances?all=1");
    expect(placeOf("/v1/tasks?list=any&late=1")).toBe("/tasks?list=any&late=1");
  });

  it("are of the last thirty days of the zone unless said otherwise", () => {
    const now = Date.parse("2026-11-22T12:00:00Z") * 1_000;
    expect(askedOf({}, "UTC", now)).toEqual({ from: String(dayStart("2026-10-24", "UTC")) });
    expect(askedOf({ period: "all", blueprint: "b" }, "UTC", now)).toEqual({ blueprint: "b" });
    expect(askedOf({ period: "days", from: "2026-11-01", to: "2026-11-02" }, "UTC", now)).toEqual({
      from: String(dayStart("2026-11-01", "UTC")),
      to: String(dayStart("2026-11-03", "UTC")),
    });
  });

  it("name the step where most is late before the one where most waits", () => {
    const step = (name: string, count: number, overdue: number) => ({
      blueprint: "b",
      step: name,
      count,
      overdue,
      href: "",
    });
    const figures = {
      waiting: { steps: [step("a", 9, 0), step("b", 2, 1)], tasks: [], jobs: [], calls: [], messages: [] },
    };
    expect(worstOf(figures as never)?.step).toBe("b");
    expect(() =>
      figureRows({ ...figures, age_seconds: { p50: null }, incidents: [] } as never),
    ).not.toThrow();
  });

  it("are as hot as their share of the most that are at one step", () => {
    expect([1, 25, 26, 50, 51, 75, 76, 100].map((count) => heatOf(count, 100))).toEqual([
      1, 1, 2, 2, 3, 3, 4, 4,
    ]);
    expect([heatOf(0, 7), heatOf(7, 7)]).toEqual([1, 4]);
  });

  it("are text in a spreadsheet where they look like formulas", () => {
    expect(cellOf("=1+1")).toBe("'=1+1");
    expect(cellOf('a "b", c')).toBe('"a ""b"", c"');
    expect(cellOf(-3)).toBe("-3");
  });
});

describe("incidents", () => {
  const listed = (since: Incident["since"]) => [{ id: "pi_1.4", since } as Incident];
  const batch: Batch = {
    how: "retry",
    incidents: listed("under way"),
    bulk: null,
    answers: new Map([["pi_1.4", "accepted"]]),
  };

  it.each([
    ["under way", "under-way"],
    ["held again", "held-again"],
    ["finished", "recovered"],
    ["cancelled", "unknown"],
  ] as const)("that are %s stand as %s", (since, standing) => {
    expect(standingOf(batch, "pi_1.4", listed(since))).toBe(standing);
  });

  it("are never recovered when the server turned the command down", () => {
    const refused: Batch = {
      ...batch,
      answers: new Map([["pi_1.4", { reason: "NO_RULE", detail: "" }]]),
    };
    expect(standingOf(refused, "pi_1.4", listed("finished"))).toBe("refused");
    expect(standingOf({ ...batch, how: "skip" }, "pi_1.4", listed("finished"))).toBe("skipped");
  });

  it("that are asked for together stand as the record says of each", () => {
    const items = [
      { place: 1, item: "pi_1.4", state: "done", code: "" },
      { place: 2, item: "pi_2.4", state: "refused", code: "NO_RULE" },
      { place: 3, item: "pi_3.4", state: "waiting", code: "" },
    ];
    const answers = answersOf({ items } as never);
    const standing = (id: string) => standingOf({ how: "retry", answers }, id, listed("under way"));
    expect(["pi_1.4", "pi_2.4", "pi_3.4"].map(standing)).toEqual(["under-way", "refused", "waiting"]);
    expect(answers.get("pi_2.4")).toEqual({ reason: "NO_RULE", detail: "" });
  });

  afterEach(() => vi.restoreAllMocks());

  /** A service that has so many incidents of one cause, two hundred on a page; the questions that it was asked. */
  function serviceWith(total: number): Record<string, unknown>[] {
    const questions: Record<string, unknown>[] = [];
    vi.spyOn(client, "GET").mockImplementation(((_: string, said: { params: { query: object } }) => {
      const query = said.params.query as { cursor?: string; limit: number };
      questions.push({ ...query });
      const from = Number(query.cursor ?? 0);
      const until = Math.min(total, from + query.limit);
      const items = Array.from({ length: until - from }, (_, at) => one(from + at));
      const data = { items, cursor: until < total ? String(until) : null };
      return Promise.resolve({ data, response: new Response() });
    }) as never);
    return questions;
  }

  const one = (at: number) =>
    ({ id: `pi_${at}.1`, instance: `pi_${at}`, blueprint: "b", code: "DOWN", step: "post" }) as Incident;

  it("are told of all of a batch, however many newer ones there are", async () => {
    const questions = serviceWith(900);
    const incidents = [one(3), one(450)];
    const found = await new QueryClient().fetchQuery(batchQuery({ incidents }));
    expect(found.map(({ id }) => id)).toEqual(["pi_3.1", "pi_450.1"]);
    expect(questions.map(({ cursor }) => cursor)).toEqual([undefined, "200", "400"]);
    expect(questions[0]).toMatchObject({
      blueprint: "b",
      code: "DOWN",
      step: "post",
      state: "any",
      test: "with",
    });
    expect(questions[0]).not.toHaveProperty("instance");
  });

  it("of one cause are read as far as one act goes", async () => {
    const questions = serviceWith(1_500);
    expect(await new QueryClient().fetchQuery(togetherQuery({ code: "DOWN" }))).toHaveLength(TOGETHER);
    expect(questions).toHaveLength(5);
  });

  it("are corrected by what is typed, as the type of the field has it", () => {
    expect(typedValue(" 12 ", "string")).toEqual({ value: "12" });
    expect(typedValue("12", "integer")).toEqual({ value: 12 });
    expect(typedValue("twelve", "integer")).toEqual({ fault: "json" });
    expect(typedValue(" ", "string")).toEqual({ fault: "empty" });
    expect(fieldsIn({ data: [{ name: "a", type: "money" }, 3] })).toEqual([{ name: "a", type: "money" }]);
    expect(fieldsIn(null)).toEqual([]);
  });
});
