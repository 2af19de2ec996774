/** What the screens of services make of what the service tells: schedules and types in words. */
import { expect, test } from "vitest";
import { typesIn } from "../src/features/services/ConnectorPane";
import { dayOf, weekdays } from "../src/features/services/queries";

test.each([
  ["day 15", { form: "day", number: "15" }],
  ["last day", { form: "last-day", number: "" }],
  ["business day 3", { form: "business-day", number: "3" }],
  ["last business day", { form: "last-business-day", number: "" }],
])("%s is a day of a month", (on, day) => {
  expect(dayOf(on)).toEqual(day);
});

test("no day of a month is none", () => {
  expect(dayOf("")).toBeNull();
});

test("days of the week are in the language, and what is none stays", () => {
  expect(weekdays(["monday", "sunday", "someday"], "de-DE")).toEqual(["Montag", "Sonntag", "someday"]);
});

test("types are told by their names", () => {
  expect(typesIn({ amount: { type: "money" }, tags: { type: "list", items: "string" } })).toBe(
    "amount: money, tags: list (string)",
  );
});
