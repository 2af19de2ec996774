/** Times, spans and money, in two languages and across changes of clocks; and what is remembered. */
import { describe, expect, it } from "vitest";
import { dateOf, distance, evidenceTime, formatsOf, zones } from "../src/i18n/formats";
import { remember, remembered } from "../src/i18n/remembered";

const english = formatsOf("en-GB", "Europe/Lisbon");
const german = formatsOf("de-DE", "Europe/Berlin");
const at = new Date("2026-11-22T17:30:00Z");

/** Spaces of every kind as one. */
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("a moment", () => {
  it("is shown in the person's zone, with its name at that time of year", () => {
    expect(english.dateTime(at)).toBe("22 Nov 2026, 17:30");
    expect(english.zoneName(at)).toBe("WET");
    expect(german.dateTime(at)).toBe("22. Nov. 2026, 18:30");
    expect(german.zoneName(at)).toBe("MEZ");
    expect(german.zoneName(new Date("2026-07-01T00:00:00Z"))).toBe("MESZ");
    expect(english.dateTime(new Date("2026-07-01T23:30:00Z"))).toBe("2 Jul 2026, 00:30");
  });

  it("is read from microseconds as from text", () => {
    expect(dateOf(at.getTime() * 1000)).toEqual(at);
    expect(dateOf("2026-11-22T17:30:00Z")).toEqual(at);
  });

  it("is UTC to the second in evidence", () => {
    expect(evidenceTime(new Date("2026-11-22T17:30:00.987Z"))).toBe("2026-11-22T17:30:00Z");
  });

  it("keeps a day the same day in every zone", () => {
    for (const zone of ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]) {
      expect(formatsOf("en-GB", zone).day("2026-11-22")).toBe("22 Nov 2026");
    }
  });
});

describe("a distance from now", () => {
  const inUtc = (day: Date) => Math.floor(day.getTime() / 86_400_000);
  const from = (seconds: number) => distance(new Date(at.getTime() + seconds * 1000), at, inUtc);

  it("is in the largest whole unit", () => {
    expect(from(-59)).toEqual({ value: -59, unit: "second" });
    expect(from(60)).toEqual({ value: 1, unit: "minute" });
    expect(from(-7199)).toEqual({ value: -1, unit: "hour" });
    expect(from(86_400 * 3)).toEqual({ value: 3, unit: "day" });
    expect(from(-86_400 * 800)).toEqual({ value: -2, unit: "year" });
  });

  it("is in words", () => {
    expect(english.relative(new Date(at.getTime() - 7_200_000), at)).toBe("2 hours ago");
    expect(german.relative(new Date(at.getTime() + 300_000), at)).toBe("in 5 Minuten");
  });

  it("counts the days of the person's calendar", () => {
    const later = (hours: number) => english.relative(new Date(at.getTime() + hours * 3_600_000), at);
    expect(later(28)).toBe("tomorrow"); // 23 Nov, 21:30
    expect(later(47)).toBe("in 2 days"); // 24 Nov, 16:30
    expect(later(-42)).toBe("2 days ago"); // 20 Nov, 23:30
    const [evening, morning] = [new Date("2026-11-22T22:30:00Z"), new Date("2026-11-24T22:45:00Z")];
    expect(english.relative(morning, evening)).toBe("in 2 days");
    expect(german.relative(new Date("2026-11-24T23:15:00Z"), evening)).toBe("in 3 Tagen"); // 25 Nov in Berlin
    const long = new Date("2026-10-24T22:10:00Z"); // the day of 25 hours begins in Berlin
    expect(german.relative(new Date("2026-10-25T22:50:00Z"), long)).toBe("heute");
  });
});

describe("a span", () => {
  it("has its two largest units", () => {
    expect(plain(english.span(4860))).toBe("1 hr 21 mins");
    expect(plain(english.span(86_400 + 3 * 3600 + 59))).toBe("1 day 3 hrs");
    expect(plain(english.span(3600))).toBe("1 hr");
    expect(plain(english.span(42))).toBe("42 secs");
    expect(plain(german.span(4860))).toBe("1 Std. 21 Min.");
  });
});

describe("money", () => {
  it("is exact beyond what a number can hold", () => {
    expect(plain(english.money({ amount: "9007199254740993.01", currency: "EUR" }))).toBe(
      "EUR 9,007,199,254,740,993.01",
    );
    expect(plain(german.money({ amount: "84000.00", currency: "EUR" }))).toBe("84.000,00 EUR");
    expect(plain(english.money({ amount: "5000", currency: "JPY" }))).toBe("JPY 5,000");
  });
});

describe("exact numbers", () => {
  it("keep every digit, also those that a number would drop", () => {
    expect(german.decimal("-1234567890123456789.10")).toBe("-1.234.567.890.123.456.789,10");
    expect(english.decimal("0.990")).toBe("0.990");
    expect(german.decimal("7")).toBe("7");
    expect(german.decimal("1E+5")).toBe("1E+5");
  });
});

describe("choices", () => {
  it("are remembered, and damaged or unknown ones are as the browser has it", () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    remember({ language: "de", zone: "Asia/Tokyo", scheme: "dark" }, storage);
    expect(remembered(storage, ["fr", "de-AT"])).toEqual({
      language: "de",
      zone: "Asia/Tokyo",
      scheme: "dark",
    });
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const damaged of ['{"language":"xx","zone":"Mars/Base","scheme":"pink"}', "null", "{", "[]"]) {
      kept.set("muniment.choices", damaged);
      expect(remembered(storage, ["fr", "de-AT"])).toEqual({ language: "de", zone: own, scheme: "system" });
    }
  });

  it("know every zone, UTC first and once", () => {
    expect(zones()[0]).toBe("UTC");
    expect(new Set(zones()).size).toBe(zones().length);
  });
});
