/** Small parts that every screen of changes shows: states, versions, names, findings. */
import { Tag, type Tone, visible } from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import type { Marked, What } from "./marked";
import type { ChangeListed, Finding } from "./reading";

type Status = ChangeListed["status"];

const STATUSES: Readonly<Record<Status, { tone: Tone; words: MessageKey }>> = {
  proposed: { tone: "neutral", words: "changes.status.proposed" },
  "in review": { tone: "accent", words: "changes.status.in-review" },
  "changes requested": { tone: "soon", words: "changes.status.changes-requested" },
  approved: { tone: "good", words: "changes.status.approved" },
  scheduled: { tone: "good", words: "changes.status.scheduled" },
  released: { tone: "good", words: "changes.status.released" },
  refused: { tone: "bad", words: "changes.status.refused" },
  withdrawn: { tone: "neutral", words: "changes.status.withdrawn" },
  expired: { tone: "neutral", words: "changes.status.expired" },
};

export const STATUS_IDS = Object.keys(STATUSES) as readonly Status[];

/** The words of a state. */
export function useStatusWords(): (status: Status) => string {
  const say = useWords();
  return (status) => say(STATUSES[status].words);
}

/** Where a change request stands. */
export function StatusTag({ status }: { status: Status }) {
  const words = useStatusWords();
  return <Tag tone={STATUSES[status].tone}>{words(status)}</Tag>;
}

const KINDS: Readonly<Record<string, MessageKey>> = {
  "access-policy": "changes.kind.access-policy",
  actor: "changes.kind.actor",
  "authority-grant": "changes.kind.authority-grant",
  blueprint: "changes.kind.blueprint",
  calendar: "changes.kind.calendar",
  connector: "changes.kind.connector",
  feed: "changes.kind.feed",
  instrument: "changes.kind.instrument",
  office: "changes.kind.office",
  person: "changes.kind.person",
  "reason-code-list": "changes.kind.reason-code-list",
  "role-assignment": "changes.kind.role-assignment",
  "person-attribute": "changes.kind.person-attribute",
  "rule-table": "changes.kind.rule-table",
};

export const KIND_IDS = Object.keys(KINDS);

/** What a kind of governed artefact is called; a kind we have no word for by its own name. */
export function useKindWords(): (kind: string) => string {
  const say = useWords();
  return (kind) => {
    const words = KINDS[kind];
    return words === undefined ? kind : say(words);
  };
}

/** `v2 to v3`, `new, v1`, `ends after v3`. */
export function useVersionWords(): (change: ChangeListed) => string {
  const say = useWords();
  return (change) => {
    const [from, to] = [change.base_version, change.version ?? change.base_version + 1];
    if (change.retires) return say("changes.version.ends", { from });
    return from === 0 ? say("changes.version.new", { to }) : say("changes.version.next", { from, to });
  };
}

const MARKS = {
  added: { tone: "good", icon: "add", one: "changes.mark.added", many: "changes.count.added" },
  removed: { tone: "bad", icon: "removed", one: "changes.mark.removed", many: "changes.count.removed" },
  changed: { tone: "soon", icon: "changed", one: "changes.mark.changed", many: "changes.count.changed" },
} as const;

/** What happens to a step. */
export function MarkTag({ what }: { what: What }) {
  const say = useWords();
  const mark = MARKS[what];
  return (
    <Tag tone={mark.tone} icon={mark.icon}>
      {say(mark.one)}
    </Tag>
  );
}

/** How many steps are added, removed and changed; what there is none of is left out. */
export function Counts({ counts }: { counts: Readonly<Record<What, number>> }) {
  const say = useWords();
  return (["added", "removed", "changed"] as const)
    .filter((what) => counts[what] > 0)
    .map((what) => (
      <Tag key={what} tone={MARKS[what].tone} icon={MARKS[what].icon}>
        {say(MARKS[what].many, { count: counts[what] })}
      </Tag>
    ));
}

/** What a marked step is called: what concerns the whole blueprint is marked at its start. */
export function useMarkedTitle(): (marked: Pick<Marked, "step" | "title">) => string {
  const say = useWords();
  return (marked) => (marked.step === "" ? say("changes.whole") : visible(marked.title));
}

/** How grave a finding is. */
export function SeverityTag({ severity }: { severity: Finding["severity"] }) {
  const say = useWords();
  if (severity === "error") {
    return (
      <Tag tone="bad" icon="failed">
        {say("changes.severity.error")}
      </Tag>
    );
  }
  return (
    <Tag
      tone={severity === "warning" ? "soon" : "neutral"}
      icon={severity === "warning" ? "warning" : "unchecked"}
    >
      {say(severity === "warning" ? "changes.severity.warning" : "changes.severity.not-run")}
    </Tag>
  );
}

/** A text this reader may see, or why it is shut. */
export function Opened({ text }: { text: string | { readonly reason: string } }) {
  const say = useWords();
  if (typeof text === "string") return visible(text);
  return (
    <span className="muted">
      {say(text.reason === "CLASS_NOT_READABLE" ? "changes.shut.class" : "changes.shut.gone")}
    </span>
  );
}
