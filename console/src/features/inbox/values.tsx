/** Values of an instance as people read them: what is shown on a task, all of it, and nothing made up. */
import { Facts, Money, Tag } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { isMoney, isRecord, isShut, label, shutWords, valueText } from "./value_text";

/** Data by path, in the order given; what lies inside others stands below them under its whole name. */
export function Data({ data }: { data: Readonly<Record<string, unknown>> }) {
  return (
    <Facts
      facts={leaves(data, "").map(([path, value]) => ({ name: label(path), value: <Value value={value} /> }))}
    />
  );
}

/** Every value with its path: those of objects by themselves, lists and money whole. */
function leaves(data: Readonly<Record<string, unknown>>, within: string): readonly [string, unknown][] {
  return Object.entries(data).flatMap(([name, value]): readonly [string, unknown][] => {
    const path = within === "" ? name : `${within}.${name}`;
    return isRecord(value) && isPlain(value) ? leaves(value, path) : [[path, value]];
  });
}

/** Whether an object is one of data: neither an amount, nor an exact number, nor what stands in place of a value. */
function isPlain(value: Readonly<Record<string, unknown>>): boolean {
  return !isMoney(value) && !("$decimal" in value) && !isShut(value) && Object.keys(value).length > 0;
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
