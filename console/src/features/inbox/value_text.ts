/** Values as text, and what they are. No React in here. */
import { visible } from "../../design";
import type { Formats, Say } from "../../i18n";

/** The name of a datum in words: `supplier.tax_number` as `Supplier, tax number`. */
export function label(path: string): string {
  const words = path.replaceAll(".", ", ").replaceAll(/[_-]/g, " ");
  return visible(words.charAt(0).toUpperCase() + words.slice(1));
}

/** A value as text, for comparing two of them side by side. */
export function valueText(say: Say, formats: Formats, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return say(value ? "task.value.yes" : "task.value.no");
  if (typeof value === "number") return formats.number(value, { maximumFractionDigits: 20 });
  if (typeof value === "string")
    return /^\d{4}-\d{2}-\d{2}$/.test(value) ? formats.day(value) : visible(value);
  if (Array.isArray(value)) return value.map((each) => valueText(say, formats, each)).join(", ");
  if (!isRecord(value)) return String(value);
  if (isMoney(value)) return formats.money(value);
  if (typeof value.$decimal === "string") return formats.decimal(value.$decimal);
  const shut = shutWords(say, value);
  if (shut !== undefined) return shut;
  return Object.entries(value)
    .map(([name, each]) => `${label(name)}: ${valueText(say, formats, each)}`)
    .join("; ");
}

/** Why a value is not there to be read; undefined where it is. */
export function shutWords(say: Say, value: Readonly<Record<string, unknown>>): string | undefined {
  if (!isShut(value)) return undefined;
  if (value.reason === "CLASS_NOT_READABLE") return say("task.value.not-readable");
  if (value.reason === "ERASED") return say("task.value.erased");
  return value.reason === "LOST" ? say("task.value.lost") : undefined;
}

const OF_SHUT = ["$commitment", "reason", "certificate", "erased_at"];

export function isShut(value: Readonly<Record<string, unknown>>): boolean {
  return "reason" in value && Object.keys(value).every((name) => OF_SHUT.includes(name));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isMoney(
  value: Readonly<Record<string, unknown>>,
): value is Record<string, unknown> & { amount: string; currency: string } {
  return (
    Object.keys(value).length === 2 &&
    typeof value.amount === "string" &&
    /^-?\d+(\.\d+)?$/.test(value.amount) &&
    typeof value.currency === "string" &&
    /^[A-Z]{3}$/.test(value.currency)
  );
}
