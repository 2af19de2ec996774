/** Drafts that two windows hold, days in a zone, forms as data: what the inbox decides without a page. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DraftKeeper, type KeepState, PAUSE, type Put } from "../src/api/draft_keeper";
import type { Draft } from "../src/features/inbox/draft";
import { dataOf, type Expected, faultsOf } from "../src/features/inbox/form_data";
import { asked, isNarrowed, listingOf, NO_FILTERS, searchOf } from "../src/features/inbox/listing";

const draft = (reason: string): Draft => ({
  outcome: null,
  reason,
  reason_code: null,
  data: {},
  shown_digest: "d",
});

describe("a draft", () => {
  let puts: [string, number][];
  let answer: (put: Put<Draft>) => void;
  let told: KeepState<Draft>[];
  let stowed: string | null;
  let keeper: DraftKeeper<Draft>;
  const answered = async (put: Put<Draft>) => {
    answer(put);
    await vi.advanceTimersByTimeAsync(0);
  };

  beforeEach(() => {
    vi.useFakeTimers();
    puts = [];
    told = [];
    stowed = null;
    keeper = new DraftKeeper(3, {
      put: (content, version) => {
        puts.push([content.reason, version]);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
      tell: (state) => told.push(state),
      stow: (what) => {
        stowed = what === null ? null : `${what.draft.reason} ${what.version}`;
      },
    });
  });
  afterEach(() => vi.useRealTimers());

  it("is saved once typing pauses, one save at a time, always the newest", async () => {
    keeper.change(draft("a"));
    keeper.change(draft("ab"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    keeper.change(draft("abc"));
    await vi.advanceTimersByTimeAsync(2 * PAUSE);
    expect(puts).toEqual([["ab", 3]]);
    await answered({ kind: "saved", version: 4, at: 1 });
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(puts).toEqual([
      ["ab", 3],
      ["abc", 4],
    ]);
  });

  it("is not written over another window's, until somebody says which counts", async () => {
    keeper.change(draft("mine"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    await answered({ kind: "stale", version: 9, draft: draft("theirs") });
    keeper.change(draft("mine, longer"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(puts).toHaveLength(1);
    keeper.overwrite(9);
    expect(puts[1]).toEqual(["mine, longer", 9]);
  });

  it("waits in this tab when it cannot be saved, is tried again, and is forgotten once it is", async () => {
    keeper.change(draft("kept"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    await answered({ kind: "failed", error: new TypeError() });
    expect([stowed, told.at(-1)?.kind]).toEqual(["kept 3", "failed"]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(puts).toHaveLength(2);
    await answered({ kind: "saved", version: 4, at: 1 });
    expect(stowed).toBeNull();
  });

  it("rests while the decision is sent, once what was being saved is saved", async () => {
    keeper.change(draft("first"));
    await vi.advanceTimersByTimeAsync(PAUSE);
    keeper.change(draft("second"));
    const isQuiet = vi.fn();
    void keeper.quiet().then(isQuiet);
    await vi.advanceTimersByTimeAsync(10 * PAUSE);
    expect([puts.length, isQuiet.mock.calls.length]).toEqual([1, 0]);
    await answered({ kind: "saved", version: 4, at: 1 });
    await vi.advanceTimersByTimeAsync(10 * PAUSE);
    expect([puts.length, isQuiet.mock.calls.length]).toEqual([1, 1]);
    keeper.resume();
    await vi.advanceTimersByTimeAsync(PAUSE);
    expect(puts[1]).toEqual(["second", 4]);
  });

  it("is not saved any more once the task is done", async () => {
    keeper.change(draft("late"));
    keeper.end();
    keeper.flush();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([puts, stowed]).toEqual([[], null]);
  });
});

describe("filters", () => {
  it("stand in the address, and what is wrong there is as at first", () => {
    const filters = {
      list: "team",
      due: "today",
      blueprint: "loan",
      domain: "lending",
      text: "a & b=ü%",
      order: "urgency",
      urgency: "60",
    } as const;
    expect(listingOf(Object.fromEntries(new URLSearchParams(searchOf(filters))))).toEqual(filters);
    expect(listingOf({ list: "all", due: "never", order: "size", urgency: "33" })).toEqual({
      ...NO_FILTERS,
      list: "mine",
    });
    expect(searchOf({ ...NO_FILTERS, list: "mine" })).toBe("list=mine");
  });

  it.each([
    ["2026-11-22T23:30:00Z", "Europe/Lisbon", "today", "2026-11-23T00:00:00.000Z"],
    ["2026-11-22T23:30:00Z", "Europe/Berlin", "today", "2026-11-23T23:00:00.000Z"],
    ["2026-10-24T12:00:00Z", "Europe/Berlin", "week", "2026-10-30T23:00:00.000Z"], // the clocks go back meanwhile
    ["2026-11-22T12:00:00Z", "Pacific/Auckland", "week", "2026-11-29T11:00:00.000Z"],
    ["2026-12-31T12:00:00Z", "Asia/Kolkata", "today", "2026-12-31T18:30:00.000Z"],
  ] as const)("end the day of %s in %s, %s, at %s", (now, zone, due, end) => {
    const { due_before } = asked({ ...NO_FILTERS, list: "mine", due }, new Date(now), zone);
    expect(due_before).toBe(String(Date.parse(end) * 1_000));
  });

  it("ask for nothing about due times of what is done, and for what is looked for", () => {
    const shown = {
      ...NO_FILTERS,
      text: "LN-7",
      domain: "lending",
      order: "urgency",
      urgency: "40",
    } as const;
    const done = { ...shown, list: "done", due: "overdue" } as const;
    expect(asked(done, new Date(), "UTC")).toEqual({ list: "done", text: "LN-7", domain: "lending" });
    const open = asked({ ...shown, list: "mine" }, new Date(), "UTC");
    expect(open).toEqual({
      list: "mine",
      text: "LN-7",
      domain: "lending",
      sort: "urgency",
      urgency_from: "40",
      explained: "1",
    });
    expect(isNarrowed({ ...done, text: "", domain: "" })).toBe(false);
    for (const one of [{ text: "x" }, { domain: "x" }, { urgency: "40" }, { due: "none" }] as const)
      expect(isNarrowed({ ...NO_FILTERS, list: "mine", ...one })).toBe(true);
    expect(isNarrowed({ ...NO_FILTERS, list: "mine", order: "urgency" })).toBe(false);
  });
});

describe("a form", () => {
  const field = (path: string, type: string | null, more: Partial<Expected> = {}): Expected => ({
    path,
    type,
    items: null,
    data_class: "internal",
    required: false,
    ...more,
  });
  const fields = [
    field("a.text", "string", { required: true }),
    field("a.count", "integer"),
    field("price", "money"),
    field("tags", "list", { items: "string" }),
    field("ok", "boolean"),
    field("any", null),
  ];

  it("becomes data nested by path; what is empty is null", () => {
    const typed = {
      "a.text": " as typed ",
      "a.count": "7",
      price: { amount: "5.00", currency: "EUR" },
      tags: "one\n\n two ",
      ok: "no",
    };
    expect(faultsOf(fields, typed)).toEqual({});
    expect(dataOf(fields, typed)).toEqual({
      a: { text: " as typed ", count: 7 },
      price: { amount: "5.00", currency: "EUR" },
      tags: ["one", "two"],
      ok: false,
      any: null,
    });
  });

  it("says what is wrong, by field", () => {
    const typed = { "a.count": "7.5", price: { amount: "five", currency: "EUR" }, any: "{" };
    expect(faultsOf(fields, typed)).toEqual({
      "a.text": "required",
      "a.count": "integer",
      price: "money",
      any: "json",
    });
  });
});
