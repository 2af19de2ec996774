/** Values of instances as their reader may see them: keys, money, lists, what is shut and why, statuses. */
import { Link } from "react-router";
import { Facts, Money, Tag } from "../../design";
import { type MessageKey, useFormats, useWords } from "../../i18n";
import type { Shut } from "./queries";

const REASONS: Readonly<Record<Shut["reason"], MessageKey>> = {
  CLASS_NOT_READABLE: "instances.shut.class",
  ERASED: "instances.shut.erased",
  LOST: "instances.shut.lost",
};

/** Whether a value stands shut: its reader may not see it, or it was erased. */
export function isShut(value: unknown): value is Shut {
  return typeof value === "object" && value !== null && "reason" in value && String(value.reason) in REASONS;
}

/** What is not shown, and why. */
export function ShutTag({ value }: { value: Shut }) {
  const say = useWords();
  return (
    <span className="row">
      <Tag icon="lock">{say(REASONS[value.reason])}</Tag>
      {typeof value.certificate === "number" && (
        <Link to={`/ledger/${value.certificate}`}>{say("instances.shut.certificate")}</Link>
      )}
    </span>
  );
}

/** The business key, or why it is not shown. */
export function KeyText({ value }: { value: unknown }) {
  return isShut(value) ? <ShutTag value={value} /> : String(value ?? "");
}

/** A key as plain words, for headings and titles of documents. */
export function useKeyWords(): (value: unknown) => string {
  const say = useWords();
  return (value) => (isShut(value) ? say(REASONS[value.reason]) : String(value ?? ""));
}

const STATUSES = {
  active: { tone: "accent", icon: "play", words: "instances.status.active" },
  ended: { tone: "good", icon: "check", words: "instances.status.ended" },
  cancelled: { tone: "neutral", icon: "stop", words: "instances.status.cancelled" },
} as const;

/** Whether an instance runs, has ended or was cancelled. */
export function StatusTag({ status }: { status: keyof typeof STATUSES }) {
  const say = useWords();
  const { tone, icon, words } = STATUSES[status];
  return (
    <Tag tone={tone} icon={icon}>
      {say(words)}
    </Tag>
  );
}

/** The name of a datum as people read it: `invoice_number` is `Invoice number`. */
export function labelOf(name: string): string {
  const words = name.replaceAll(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One value, whatever it is. */
export function Shown({ value }: { value: unknown }) {
  const say = useWords();
  const formats = useFormats();
  if (value === null || value === undefined)
    return <span className="muted">{say("instances.data.nothing")}</span>;
  if (isShut(value)) return <ShutTag value={value} />;
  if (typeof value === "boolean") return <>{say(value ? "instances.data.yes" : "instances.data.no")}</>;
  if (typeof value === "number") return <span className="number">{formats.number(value)}</span>;
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)) return <>{formats.day(value)}</>;
  if (typeof value !== "object") return <span className="value-text">{String(value)}</span>;
  if (Array.isArray(value)) return <ShownList items={value} />;
  const members = value as Readonly<Record<string, unknown>>;
  if (isMoney(members)) return <Money value={members} />;
  if (typeof members.$decimal === "string")
    return <span className="number">{formats.decimal(members.$decimal)}</span>;
  return (
    <Facts
      facts={Object.entries(members).map(([name, member]) => ({
        name: labelOf(name),
        value: <Shown value={member} />,
      }))}
    />
  );
}

/** The items of a list, one below the other. */
function ShownList({ items }: { items: readonly unknown[] }) {
  const say = useWords();
  if (items.length === 0) return <span className="muted">{say("instances.data.empty")}</span>;
  return (
    <ol className="value-list">
      {items.map((item, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items have no other name than their place, and stay there
        <li key={place}>
          <Shown value={item} />
        </li>
      ))}
    </ol>
  );
}

function isMoney(value: Readonly<Record<string, unknown>>): value is { amount: string; currency: string } {
  return (
    Object.keys(value).length === 2 &&
    typeof value.amount === "string" &&
    typeof value.currency === "string" &&
    /^[A-Z]{3}$/.test(value.currency)
  );
}
