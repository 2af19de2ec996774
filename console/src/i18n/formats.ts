/** Numbers, money, dates and spans by Intl, in one language and one time zone. No React in here. */

/** Money as it stands in bodies: a decimal number as text, so that no cent is lost, and a currency of ISO 4217. */
export interface MoneyValue {
  readonly amount: string;
  readonly currency: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Formats {
  readonly locale: string;
  readonly zone: string;
  number(value: number, options?: Intl.NumberFormatOptions): string;
  /** An exact number as bodies state it, `-12345.60`, to its last digit. */
  decimal(text: string): string;
  percent(share: number): string;
  money(value: MoneyValue): string;
  /** Date and time in the person's zone: `22 Nov 2026, 17:30`. */
  dateTime(at: Date): string;
  date(at: Date): string;
  /** The time of day alone: `18:40`. */
  time(at: Date): string;
  /** A date without a time, `2026-11-22`, which is the same day in every zone. */
  day(iso: string): string;
  /** The zone's name at that moment: `GMT`, `CET`, `GMT+1`. */
  zoneName(at: Date): string;
  /** `in 2 hours`, `5 minutes ago`; days are those of the person's calendar: `tomorrow` is the next date. */
  relative(at: Date, now: Date): string;
  /** `1 hr 21 min`: the two largest units of a span in seconds. */
  span(seconds: number): string;
}

/** A moment as bodies state it: whole microseconds since 1970 in UTC, or RFC 3339. */
export type Moment = number | string | Date;

/** The Date of a moment; an invalid one where the text is no time. */
export function dateOf(at: Moment): Date {
  return new Date(typeof at === "number" ? at / 1000 : at);
}

/** RFC 3339 in UTC, to the second: how evidence states time. */
export function evidenceTime(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** The number and unit that say how far `at` is from `now`, in the largest unit that is whole; `dayOf` numbers days. */
export function distance(
  at: Date,
  now: Date,
  dayOf: (at: Date) => number,
): { value: number; unit: Intl.RelativeTimeFormatUnit } {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < MINUTE) return { value: seconds, unit: "second" };
  if (size < HOUR) return { value: Math.trunc(seconds / MINUTE), unit: "minute" };
  if (size < DAY) return { value: Math.trunc(seconds / HOUR), unit: "hour" };
  if (size < 60 * DAY) return { value: dayOf(at) - dayOf(now), unit: "day" };
  if (size < 730 * DAY) return { value: Math.trunc(seconds / (30.44 * DAY)), unit: "month" };
  return { value: Math.trunc(seconds / (365.25 * DAY)), unit: "year" };
}

/** The formats of a locale and a zone. */
export function formatsOf(locale: string, zone: string): Formats {
  const moment = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: zone });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short", hourCycle: "h23", timeZone: zone });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const named = new Intl.DateTimeFormat(locale, { timeZoneName: "short", timeZone: zone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const dayOf = dayNumbers(zone);
  return {
    locale,
    zone,
    number: (value, options) => new Intl.NumberFormat(locale, options).format(value),
    decimal: (text) => decimalText(locale, text),
    percent: (share) => new Intl.NumberFormat(locale, { style: "percent" }).format(share),
    money: (value) => moneyText(locale, value),
    dateTime: (at) => moment.format(at),
    date: (at) => date.format(at),
    time: (at) => time.format(at),
    day: (iso) => day.format(new Date(`${iso}T00:00:00Z`)),
    zoneName: (at) => named.formatToParts(at).find((part) => part.type === "timeZoneName")?.value ?? zone,
    relative: (at, now) => {
      const { value, unit } = distance(at, now, dayOf);
      return relative.format(value, unit);
    },
    span: (seconds) => spanText(locale, seconds),
  };
}

/** Numbers the days of a zone's calendar: neighbours are one apart, however long the day between them is. */
function dayNumbers(zone: string): (at: Date) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    year: "numeric",
    month: "numeric",
    day: "numeric",
    timeZone: zone,
  });
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1 } = parts;
    return Date.UTC(year, month - 1, day) / (1000 * DAY);
  };
}

const FRACTION_MAX = 100; // digits that Intl takes

function decimalText(locale: string, text: string): string {
  const digits = /^-?\d+(?:\.(\d+))?$/.exec(text)?.[1]?.length ?? 0;
  if (!/^-?\d+(\.\d+)?$/.test(text) || digits > FRACTION_MAX) return text;
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(text as unknown as number);
}

function moneyText(locale: string, { amount, currency }: MoneyValue): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "code" });
  // Intl reads decimal text exactly; as a number, large amounts would lose cents.
  return format.format(amount as unknown as number);
}

function spanText(locale: string, seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / DAY), "day"],
    [Math.floor((whole % DAY) / HOUR), "hour"],
    [Math.floor((whole % HOUR) / MINUTE), "minute"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = first === -1 ? [[whole, "second"] as const] : parts.slice(first, first + 2);
  return shown
    .filter(([count], place) => count > 0 || place === 0)
    .map(([count, unit]) =>
      new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(count),
    )
    .join(" ");
}

/** Every zone this browser knows, UTC first. */
export function zones(): readonly string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}
