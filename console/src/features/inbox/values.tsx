/** Values of an instance as people read them: what is shown on a task, all of it, and nothing made up. */
import { Facts, Money, Tag } from "../../design";
import { type Formats, type Say, useFormats, useWords } from "../../i18n";

/** The name of a datum in words: `supplier.tax_number` as `Supplier, tax number`. */
export function label(path: string): string {
  const words = path.replaceAll(".", ", ").replaceAll(/[_-]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Data by path, in the order given. */
export function Data({ data }: { data: Readonly<Record<string, unknown>> }) {
  return (
    <Facts
      facts={Object.entries(data).map(([path, value]) => ({
        name: label(path),
        value: <Value value={value} />,
      }))}
    />
  );
}

/** One value, whatever it is. */
export function Value({ value }: { value: unknown }) {
  const say = useWords();
  const formats = useFormats();
  if (isRecord(value)) {
    if (isMoney(value)) return <Money value={value} />;
    const shut = shutWords(say, value);
    if (shut !== undefined) return <Tag icon="lock">{shut}</Tag>;
    if (!("$decimal" in value)) return <Data data={value} />;
  }
  if (Array.isArray(value) && value.some(isRecord)) return <Rows rows={value} />;
  const text = valueText(say, formats, value);
  return value === null || text === "" ? (
    <span className="muted">{say("task.value.none")}</span>
  ) : (
    <span className="value">{text}</span>
  );
}

/** A list of things, each with its members. */
function Rows({ rows }: { rows: readonly unknown[] }) {
  const names = [...new Set(rows.flatMap((row) => (isRecord(row) ? Object.keys(row) : [])))];
  // A list has no key of its own, and is never moved about: its places are the keys.
  const placed = rows.map((row, place) => ({ place: String(place), row }));
  return (
    <ul className="value-rows">
      {placed.map(({ place, row }) => (
        <li key={place}>
          {isRecord(row) && !isMoney(row) ? (
            <Data
              data={Object.fromEntries(names.filter((name) => name in row).map((name) => [name, row[name]]))}
            />
          ) : (
            <Value value={row} />
          )}
        </li>
      ))}
    </ul>
  );
}

/** A value as text, for comparing two of them side by side. */
export function valueText(say: Say, formats: Formats, value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return say(value ? "task.value.yes" : "task.value.no");
  if (typeof value === "number") return formats.number(value, { maximumFractionDigits: 20 });
  if (typeof value === "string") return /^\d{4}-\d{2}-\d{2}$/.test(value) ? formats.day(value) : value;
  if (Array.isArray(value)) return value.map((each) => valueText(say, formats, each)).join(", ");
  if (!isRecord(value)) return String(value);
  if (isMoney(value)) return formats.money(value);
  if (typeof value.$decimal === "string") return value.$decimal;
  const shut = shutWords(say, value);
  if (shut !== undefined) return shut;
  return Object.entries(value)
    .map(([name, each]) => `${label(name)}: ${valueText(say, formats, each)}`)
    .join("; ");
}

/** Why a value is not there to be read; undefined where it is. */
function shutWords(say: Say, value: Readonly<Record<string, unknown>>): string | undefined {
  const members = Object.keys(value).filter((name) => name !== "$commitment" && name !== "certificate");
  if (members.length !== 1 || members[0] !== "reason") return undefined;
  if (value.reason === "CLASS_NOT_READABLE") return say("task.value.not-readable");
  if (value.reason === "ERASED") return say("task.value.erased");
  return value.reason === "LOST" ? say("task.value.lost") : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMoney(
  value: Record<string, unknown>,
): value is Record<string, unknown> & { amount: string; currency: string } {
  return (
    Object.keys(value).length === 2 &&
    typeof value.amount === "string" &&
    /^-?\d+(\.\d+)?$/.test(value.amount) &&
    typeof value.currency === "string" &&
    /^[A-Z]{3}$/.test(value.currency)
  );
}
