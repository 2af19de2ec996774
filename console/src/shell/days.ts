/** Days of a time zone as the instants of the interface, and back. */
import { fromAbsolute, parseDate, toCalendarDate } from "@internationalized/date";

const MICROSECONDS = 1_000; // in a millisecond

/** The microsecond at which a day, `2026-11-22`, begins in a zone; with `after`, so many days later. */
export function dayStart(day: string, zone: string, after = 0): number {
  return parseDate(day).add({ days: after }).toDate(zone).getTime() * MICROSECONDS;
}

/** The day of an instant in a zone. */
export function dayOf(at: number, zone: string): string {
  return toCalendarDate(fromAbsolute(Math.floor(at / MICROSECONDS), zone)).toString();
}

/** The day that is so many days before an instant in a zone. */
export function daysBefore(at: number, zone: string, days: number): string {
  return toCalendarDate(fromAbsolute(Math.floor(at / MICROSECONDS), zone))
    .subtract({ days })
    .toString();
}
