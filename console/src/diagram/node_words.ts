/** What a node says: its kind, its status, its badges, and where it leads. */
import type { MessageKey, Say } from "../i18n";
import type { DiagramLayout, LayoutNode, Mark } from "./layout";
import { startWords } from "./start_words";

/** How far an instance is at a step, as the server says; `overdue` is for a live step whose deadline has passed. */
export type NodeStatus =
  | "untouched"
  | "waiting"
  | "active"
  | "done"
  | "skipped"
  | "stopped"
  | "failed"
  | "overdue";

export interface Badge {
  /** In words: "31 waiting". */
  readonly text: string;
  readonly tone: "neutral" | "good" | "soon" | "bad";
  /** How strong the colour is, where it tells how much: from 1 to 4. The words say how much as well. */
  readonly heat?: Heat;
}

export type Heat = 1 | 2 | 3 | 4;

/** What stands on the nodes besides their titles, by the id of the node. */
export interface OnNodes {
  readonly statuses?: Readonly<Record<string, NodeStatus>> | undefined;
  readonly badges?: Readonly<Record<string, Badge>> | undefined;
}

const KINDS: Readonly<Record<string, MessageKey>> = {
  start: "diagram.kind.start",
  task: "diagram.kind.task",
  decide: "diagram.kind.decide",
  call: "diagram.kind.call",
  job: "diagram.kind.job",
  agent: "diagram.kind.agent",
  rules: "diagram.kind.rules",
  choose: "diagram.kind.choose",
  all: "diagram.kind.all",
  "any of": "diagram.kind.any-of",
  wait: "diagram.kind.wait",
  run: "diagram.kind.run",
  each: "diagram.kind.each",
  send: "diagram.kind.send",
  "take back": "diagram.kind.take-back",
  end: "diagram.kind.end",
  join: "diagram.kind.join",
};

const STATUSES: Readonly<Record<NodeStatus | Exclude<Mark, "">, MessageKey>> = {
  added: "diagram.status.added",
  removed: "diagram.status.removed",
  changed: "diagram.status.changed",
  done: "diagram.status.done",
  waiting: "diagram.status.waiting",
  active: "diagram.status.active",
  skipped: "diagram.status.skipped",
  stopped: "diagram.status.stopped",
  overdue: "diagram.status.overdue",
  failed: "diagram.status.failed",
  untouched: "diagram.status.untouched",
};

/** Start and joins: small, with room for their kind alone. */
export function isPill(node: LayoutNode): boolean {
  return node.kind === "start" || node.kind === "join";
}

/** The status or mark of a node, a word of both colour and border; undefined where nothing is said of it. */
export function statusOf(node: LayoutNode, on: OnNodes): NodeStatus | Exclude<Mark, ""> | undefined {
  return on.statuses?.[node.id] ?? (node.mark === "" ? undefined : node.mark);
}

/** The small line above the title: `Decision · changed`; of a pill, its kind. */
export function captionOf(say: Say, node: LayoutNode, on: OnNodes): string {
  return isPill(node) ? kindOf(say, node) : kindAndStatus(say, node, on);
}

function kindOf(say: Say, node: LayoutNode): string {
  // A join that does not wait for every branch has the two numbers in its title: `2 of 3 done`.
  const [need, count] = node.kind === "join" ? (node.title.match(/\d+/g) ?? []) : [];
  if (need !== undefined && count !== undefined) return say("diagram.kind.join-of", { need, count });
  // One start of several says by its id what begins an instance there: `/start/message/order-placed`.
  const [, name = ""] = node.kind === "start" ? (node.id.match(/^\/start\/(.+)$/) ?? []) : [];
  const start = startWords(say, name.replace("/", " "));
  if (start !== "") return start;
  return say(KINDS[node.kind] ?? "diagram.kind.other");
}

function kindAndStatus(say: Say, node: LayoutNode, on: OnNodes): string {
  const kind = kindOf(say, node);
  const status = statusOf(node, on);
  return status === undefined ? kind : `${kind} · ${say(STATUSES[status])}`;
}

/** Everything that is drawn of a node, as one sentence for its name. */
export function nodeName(say: Say, node: LayoutNode, on: OnNodes): string {
  const caption = kindAndStatus(say, node, on);
  const badge = on.badges?.[node.id];
  const named = isPill(node) ? caption : say("diagram.step", { kind: caption, title: node.title });
  return badge === undefined ? named : `${named}, ${badge.text}`;
}

/** Where a node leads: `Leads to A (otherwise), B`; empty for an end. */
export function leadsTo(say: Say, node: LayoutNode, layout: DiagramLayout, locale: string): string {
  const ways = layout.edges
    .filter((edge) => edge.source === node.id)
    .sort((one, other) => one.order - other.order)
    .map((edge) => {
      const step = layout.nodes.find((each) => each.id === edge.target)?.title ?? edge.target;
      return edge.label === null ? step : say("diagram.way", { step, when: edge.label.text });
    });
  if (ways.length === 0) return "";
  return say("diagram.leads", { steps: new Intl.ListFormat(locale).format(ways) });
}
