/** A form as it is typed, and the data it comes to. Pure. */
import type { components } from "../../api/schema";

export type Expected = components["schemas"]["FieldExpected"];
export type FieldFault = "required" | "integer" | "number" | "money" | "json";

/** What kind of control a field gets. `lines` takes one entry on each line, `json` a value written as JSON. */
export type FieldKind =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "date"
  | "date and time"
  | "duration"
  | "money"
  | "lines"
  | "json";

export function kindOf(field: Expected): FieldKind {
  if (field.type === "list") return field.items === "string" ? "lines" : "json";
  if (field.type === null || field.type === undefined || field.type === "object") return "json";
  return field.type as FieldKind;
}

/** What is wrong with each field, by path. */
export function faultsOf(
  fields: readonly Expected[],
  typed: Readonly<Record<string, unknown>>,
): Readonly<Record<string, FieldFault>> {
  const faults: Record<string, FieldFault> = {};
  for (const field of fields) {
    const fault = faultOf(field, typed[field.path]);
    if (fault !== undefined) faults[field.path] = fault;
  }
  return faults;
}

function faultOf(field: Expected, typed: unknown): FieldFault | undefined {
  const text = textOf(typed);
  if (text === "") return field.required ? "required" : undefined;
  const kind = kindOf(field);
  if (kind === "integer") return /^-?\d{1,15}$/.test(text) ? undefined : "integer";
  if (kind === "number" || kind === "money") return /^-?\d{1,30}(\.\d{1,30})?$/.test(text) ? undefined : kind;
  if (kind !== "json") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return "json";
  }
}

/** The data of a form without faults, nested by path; what is left empty is null. */
export function dataOf(
  fields: readonly Expected[],
  typed: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const field of fields) {
    const way = field.path.split(".");
    const last = way.pop() ?? field.path;
    let inner = data;
    for (const part of way) {
      inner[part] ??= {};
      inner = inner[part] as Record<string, unknown>;
    }
    inner[last] = typedValue(kindOf(field), typed[field.path]);
  }
  return data;
}

function typedValue(kind: FieldKind, typed: unknown): unknown {
  const text = textOf(typed);
  if (text === "") return null;
  if (kind === "boolean") return typed === "yes";
  if (kind === "integer") return Number(text);
  if (kind === "json") return JSON.parse(text);
  if (kind === "money") return typed;
  if (kind === "lines")
    return text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  return kind === "string" ? typed : text;
}

function textOf(typed: unknown): string {
  if (typeof typed === "string") return typed.trim();
  if (typeof typed !== "object" || typed === null || !("amount" in typed)) return "";
  return String(typed.amount).trim();
}
