/** Days of a time zone as the instants of the interface, and back. By Intl alone: fields for days load more. */

const MICROSECONDS = 1_000; // in a millisecond
const DAY = 86_400_000; // ms

/** The microsecond at which a day, `2026-11-22`, begins in a zone; with `after`, so many days later. */
export function dayStart(day: string, zone: string, after = 0): number {
  const wanted = Date.parse(`${day}T00:00:00Z`) + after * DAY;
  // The offset at the guess, then at what comes of it: around a change of the clocks they differ.
  const first = wanted - offsetAt(wanted, zone);
  const begins = wanted - offsetAt(first, zone);
  // Where midnight is left out, the day begins when the clocks have gone forward.
  const isBefore = dayOf(begins * MICROSECONDS, zone) < isoDay(wanted);
  return (isBefore ? first : begins) * MICROSECONDS;
}

/** The last microsecond of a day, so that what began on it is there; null, for now, where there is no day. */
export function endOf(day: string | undefined, zone: string): number | null {
  return day === undefined ? null : dayStart(day, zone, 1) - 1;
}

/** The day of an instant in a zone. */
export function dayOf(at: number, zone: string): string {
  const ms = Math.floor(at / MICROSECONDS);
  return isoDay(ms + offsetAt(ms, zone));
}

/** The day that is so many days before an instant in a zone. */
export function daysBefore(at: number, zone: string, days: number): string {
  return isoDay(Date.parse(`${dayOf(at, zone)}T00:00:00Z`) - days * DAY);
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** How far a zone is ahead of UTC at an instant, in ms. */
function offsetAt(ms: number, zone: string): number {
  const whole = Math.floor(ms / 1_000) * 1_000;
  const parts = Object.fromEntries(
    clockOf(zone)
      .formatToParts(whole)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", {
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
      timeZone: zone,
    });
    clocks.set(zone, clock);
  }
  return clock;
}
