/** A review as it is typed: an agent's answer as a form, and what a correction changes in it. Pure. */
import { dataOf, type Expected, type FieldFault, faultsOf, kindOf } from "./form_data";
import { isRecord } from "./value_text";

/** The member of what is shown that is the agent's answer: no path of the data begins with a capital. */
const PROPOSAL = "Proposal";

/** What the agent was shown too. */
export function withoutProposal(shown: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(shown).filter(([path]) => path !== PROPOSAL));
}

/** An answer as somebody would have typed it, by field. */
export function typedOf(fields: readonly Expected[], output: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(output)) return {};
  const known = fields.filter((field) => output[field.path] != null);
  return Object.fromEntries(known.map((field) => [field.path, typedValue(field, output[field.path])]));
}

function typedValue(field: Expected, value: unknown): unknown {
  const kind = kindOf(field);
  if (kind === "json") return JSON.stringify(value, null, 1);
  if (kind === "lines") return Array.isArray(value) ? value.join("\n") : String(value);
  if (kind === "boolean") return value === true ? "yes" : "no";
  if (kind === "money") return value;
  if (isRecord(value) && typeof value.$decimal === "string") return value.$decimal;
  return String(value);
}

/** The answer that a form without faults comes to: a list without entries is an empty one, and no missing value. */
export function answerOf(
  fields: readonly Expected[],
  typed: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const answer = dataOf(fields, typed);
  for (const field of fields) if (isLines(field)) answer[field.path] ??= [];
  return answer;
}

/** What is wrong with each member of a corrected answer. */
export function answerFaults(
  fields: readonly Expected[],
  typed: Readonly<Record<string, unknown>>,
): Readonly<Record<string, FieldFault>> {
  return faultsOf(
    fields.map((field) => (isLines(field) ? { ...field, required: false } : field)),
    typed,
  );
}

function isLines(field: Expected): boolean {
  return kindOf(field) === "lines";
}

export interface Change {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The members in which a correction differs from the answer, in the order of the form. */
export function changesOf(
  fields: readonly Expected[],
  output: unknown,
  corrected: Readonly<Record<string, unknown>>,
): readonly Change[] {
  const before = isRecord(output) ? output : {};
  return fields
    .map(({ path }) => ({ path, before: before[path] ?? null, after: corrected[path] ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
}
