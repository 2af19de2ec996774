/** The history of an instance as rows to read: what stands out, what is folded, and each thing in words. No React. */
import type { IconName } from "../../design";
import type { MessageKey, Say } from "../../i18n";
import { SAID } from "./followed";
import type { Drawing, Followed, HistoryItem } from "./queries";

export type TimelineRow =
  | { readonly type: "entry"; readonly item: HistoryItem }
  | { readonly type: "folded"; readonly items: readonly HistoryItem[] };

const FOLDED_FROM = 2; // in a row: a single one takes as much room folded as shown

/** What a person should see wherever a machine recorded it. */
const LOUD = new Set([
  "instance.started",
  "instance.ended",
  "instance.cancelled",
  "incident.raised",
  "incident.resolved",
  "deadline.escalated",
  "watch.fired",
  "error.caught",
  "undo.begun",
  "cancelling.begun",
  "cancelling.resumed",
  "ending.resumed",
  "call.answered_late",
  "call.failed_late",
  "child.started",
  "child.ended",
  "condition.met",
  "proposal.gated",
]);

/** What a sentence is made of beside the words: nothing follows from it that a reader of the case would miss. */
const BOOKKEEPING = new Set([
  "step.left",
  "timer.set",
  "timer.cancelled",
  "branches.opened",
  "join.arrived",
  "message.unsubscribed",
  "variable.set",
  "call.cancelled",
  "job.cancelled",
  "delay.started",
  "first.awaited",
  "watch.set",
  "undo.kept",
  "undo.owed",
  "undo.put_back",
  "undo.opened",
  "element.begun",
  "each.ended",
  "review.taken",
]);

/** Whether an entry is a machine's, about which nothing stands out. */
export function isQuiet(item: HistoryItem): boolean {
  if (
    item.actor.kind === "person" ||
    item.decision !== null ||
    item.refused !== null ||
    item.reason !== null
  ) {
    return false;
  }
  return !item.followed.some((one) => LOUD.has(one.type));
}

/** The rows in the order of the items; quiet ones in a row are folded into one. */
export function rowsOf(items: readonly HistoryItem[]): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let quiet: HistoryItem[] = [];
  const close = () => {
    if (quiet.length >= FOLDED_FROM) rows.push({ type: "folded", items: quiet });
    else rows.push(...quiet.map((item) => ({ type: "entry" as const, item })));
    quiet = [];
  };
  for (const item of items) {
    if (isQuiet(item)) {
      quiet.push(item);
      continue;
    }
    close();
    rows.push({ type: "entry", item });
  }
  close();
  return rows;
}

/** How many of these entries record a try that failed: folded, they are still counted. */
export function failuresIn(items: readonly HistoryItem[]): number {
  return items.filter((item) => item.kind === "call.failed" || item.kind === "job.failed").length;
}

const ICONS: Readonly<Record<string, IconName>> = {
  "instance.started": "play",
  "instance.advanced": "arrow",
  "instance.cancelled": "stop",
  "task.claimed": "person",
  "task.released": "person",
  "branch.begun": "person",
  "branch.begun_again": "refresh",
  "branch.passed_over": "arrow",
  "task.completed": "check",
  "vote.cast": "signature",
  "job.completed": "call",
  "job.failed": "warning",
  "call.started": "call",
  "call.succeeded": "call",
  "call.failed": "warning",
  "timer.fired": "clock",
  "message.correlated": "arrow",
  "incident.resolved": "refresh",
  "instance.suspended": "clock",
  "instance.resumed": "play",
  "instance.modified": "arrow",
  "instance.migrated": "arrow",
  "instance.corrected": "refresh",
  "act.proposed": "person",
  "act.rejected": "stop",
  "act.expired": "clock",
  "incident.assigned": "person",
  "task.reassigned": "person",
  "task.delegated": "person",
  "task.returned": "person",
  "comment.added": "person",
  "attachment.added": "down",
  "command.refused": "lock",
};

/** The icon of an entry's kind: a decision has the one of a signature. */
export function iconOf(item: HistoryItem): IconName {
  if (item.decision !== null) return "signature";
  if (item.followed.some((one) => one.type === "incident.raised")) return "warning";
  return ICONS[item.kind] ?? "lines";
}

const KINDS: Readonly<Record<string, MessageKey>> = {
  "instance.started": "timeline.kind.instance-started",
  "instance.advanced": "timeline.kind.instance-advanced",
  "instance.cancelled": "timeline.kind.instance-cancelled",
  "task.claimed": "timeline.kind.task-claimed",
  "task.released": "timeline.kind.task-released",
  "branch.begun": "timeline.kind.branch-begun",
  "branch.begun_again": "timeline.kind.branch-begun-again",
  "branch.passed_over": "timeline.kind.branch-passed-over",
  "task.completed": "timeline.kind.task-completed",
  "vote.cast": "timeline.kind.vote-cast",
  "job.completed": "timeline.kind.job-completed",
  "job.failed": "timeline.kind.job-failed",
  "call.started": "timeline.kind.call-started",
  "call.succeeded": "timeline.kind.call-succeeded",
  "call.failed": "timeline.kind.call-failed",
  "timer.fired": "timeline.kind.timer-fired",
  "message.correlated": "timeline.kind.message-correlated",
  "incident.resolved": "timeline.kind.incident-resolved",
  "act.proposed": "timeline.kind.act-proposed",
  "act.rejected": "timeline.kind.act-rejected",
  "act.expired": "timeline.kind.act-expired",
  "incident.assigned": "timeline.kind.incident-assigned",
  "instance.corrected": "timeline.kind.instance-corrected",
  "instance.migrated": "timeline.kind.instance-migrated",
  "instance.modified": "timeline.kind.instance-modified",
  "instance.resumed": "timeline.kind.instance-resumed",
  "instance.suspended": "timeline.kind.instance-suspended",
  "command.refused": "timeline.kind.command-refused",
  "attachment.added": "timeline.kind.attachment-added",
  "bulk.refused": "timeline.kind.bulk-refused",
  "comment.added": "timeline.kind.comment-added",
  "message.delivered": "timeline.kind.message-delivered",
  "task.delegated": "timeline.kind.task-delegated",
  "task.reassigned": "timeline.kind.task-reassigned",
  "task.returned": "timeline.kind.task-returned",
};

/** What an entry records, in words; the kind itself where we have none. */
export function kindWords(say: Say, item: HistoryItem): string {
  if (item.decision !== null) return say("timeline.decided", { outcome: item.decision.outcome });
  if (item.followed.some(isTakenAway)) return say("timeline.kind.task-taken");
  const key = KINDS[item.kind];
  return key === undefined ? item.kind : say(key);
}

/** Whether a task was taken from who may no longer do it, rather than given back by them. */
function isTakenAway({ type, detail }: Followed): boolean {
  return (type === "task.released" || type === "task.returned") && detail.why === "vacated";
}

/** What steps are called, by id, and at which step each visit was. */
export interface Steps {
  readonly title: (step: string) => string;
  readonly at: (activation: number | null) => string | undefined;
}

/** Of a drawing; while that is not there yet, a step is called by its id. */
export function stepsOf(drawing: Drawing | undefined): Steps {
  const titles = new Map<string, string>();
  for (const node of drawing?.diagram.nodes ?? [])
    if (node.kind !== "join") titles.set(node.step, node.title);
  const visits = new Map(drawing?.visits.map((visit) => [visit.activation, visit.step]));
  return {
    title: (step) => titles.get(step) ?? step,
    at: (activation) => (activation === null ? undefined : visits.get(activation)),
  };
}

const OWN: ReadonlySet<string> = new Set(["step.entered", "variable.set", "step.left"]);

/** The step an entry is about: that of the first thing that followed at a visit; none where it is the instance's own. */
export function stepOf(item: HistoryItem, steps: Steps): string | undefined {
  if (item.kind === "instance.started" || item.kind === "instance.cancelled") return undefined;
  for (const one of item.followed) {
    const stated = text(one.detail.step);
    const step = stated === "" ? steps.at(one.activation) : stated;
    if (step !== undefined && !OWN.has(one.type)) return steps.title(step);
  }
  return undefined;
}

/** What the headline of an entry of the same kind has said already. */
const SAID_ABOVE = new Set([
  "instance.started",
  "instance.cancelled",
  "task.claimed",
  "task.released",
  "task.completed",
  "vote.cast",
  "call.succeeded",
  "job.completed",
  "message.correlated",
]);

export interface Saying {
  readonly say: Say;
  readonly steps: Steps;
  /** A moment, in microseconds, as it is written in a sentence. */
  readonly moment: (at: number) => string;
}

/** Everything that followed as sentences; the bookkeeping apart, which is folded. */
export function sentencesOf(item: HistoryItem, saying: Saying): { told: string[]; kept: string[] } {
  const told: string[] = [];
  const kept: string[] = [];
  for (const one of item.followed) {
    if (one.type === item.kind && SAID_ABOVE.has(one.type) && !isTakenAway(one)) continue;
    const sentence = sentenceOf(one, saying);
    (BOOKKEEPING.has(one.type) ? kept : told).push(sentence);
  }
  return { told, kept };
}

/** What was recorded of data with an entry, by path. */
export function recordedOf(item: HistoryItem): { path: string; value: unknown }[] {
  return item.followed
    .filter((one) => one.type === "variable.set")
    .map((one) => ({ path: text(one.detail.path), value: one.detail.value }));
}

/** What steps told persons with an entry, as this reader may read it: the text, and data by path. */
export function saidOf(item: HistoryItem): { text: unknown; shown: [string, unknown][] }[] {
  return item.followed
    .filter((one) => one.type === "people.told")
    .map(({ detail }) => ({ text: detail.text, shown: Object.entries(detail.shown ?? {}) }));
}

/** What says where an instance goes on. */
const LEADING = new Set(["deadline.escalated", "step.left", "step.moved", "watch.fired", "error.caught"]);

function sentenceOf(one: Followed, { say, steps, moment }: Saying): string {
  const { detail, type } = one;
  const key = SAID[type];
  if (key === undefined) return type;
  const at = text(detail.step) === "" ? steps.at(one.activation) : text(detail.step);
  const due = typeof detail.due === "number" && detail.due > 0 ? moment(detail.due) : "";
  const to = Array.isArray(detail.to) ? peopleOf(say, detail.to) : text(detail.to);
  const rows = Array.isArray(detail.rows) ? detail.rows.join(", ") : "";
  return say(key, {
    step: one.activation === 0 ? say("timeline.whole") : at === undefined ? "" : steps.title(at),
    to: LEADING.has(type) ? steps.title(to) : to,
    role: text(detail.role) || text(detail.decision_kind),
    by: text(detail.by),
    outcome: text(detail.outcome),
    operation: text(detail.operation) || text(detail.type),
    code: text(detail.code),
    tries: text(detail.tries),
    name: text(detail.name),
    act: text(detail.act).replace(" ", ""),
    due,
    hasDue: due === "" ? "no" : "yes",
    table: text(detail.table),
    rows,
    hasRows: rows === "" ? "no" : "yes",
    branch: text(detail.branch),
    element: text(detail.element),
    elements: text(detail.elements),
    path: text(detail.path),
    message: text(detail.message),
    instance: text(detail.instance),
    how: text(detail.how),
    where: text(detail.where),
    why: text(detail.why).replace(" ", ""),
    reason: text(detail.reason) || "none",
    absent: text(detail.stands_in_for),
    agent: text(detail.agent),
    model: text(detail.model),
    gate: text(detail.gate) || "none",
    verdict: text(detail.verdict),
    number: text(detail.number),
  });
}

/** Whom a step told, each with the rule that names them as the blueprint says it; a rule that reached nobody says so. */
function peopleOf(say: Say, told: readonly Readonly<Record<string, string>>[]): string {
  return told
    .map(({ rule = "", person = "none", stands_in_for: absent = "none" }) =>
      say("timeline.told", { rule, person, absent }),
    )
    .join(", ");
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}
