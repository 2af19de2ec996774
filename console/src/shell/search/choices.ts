/** What search offers for what was typed: places and commands at once, what the server found, what was opened before. */
import type { components } from "../../api/schema";
import type { IconName } from "../../design";
import type { Say } from "../../i18n";
import { type Kind, placeOf } from "../places";
import type { Recent } from "./recent";

export type Found = components["schemas"]["SearchAnswer"];

/** One line of the list. `place` is where it leads; a command has `run` in its stead. */
export interface Choice {
  readonly key: string;
  readonly icon: IconName;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly place?: string | undefined;
  readonly run?: (() => void) | undefined;
  /** What is remembered when it is chosen. */
  readonly opened?: Recent | undefined;
}

export interface Group {
  readonly key: string;
  readonly title: string;
  readonly choices: readonly Choice[];
}

export const ICONS: Readonly<Record<Kind, IconName>> = {
  instances: "play",
  tasks: "check",
  blueprints: "choice",
  "change-requests": "changed",
  persons: "person",
  entries: "proven",
};

type FoundItem = Found["groups"][number]["items"][number];

/** Where the codes of a status have their words. */
const STATUSES: Readonly<Partial<Record<Kind, string>>> = {
  instances: "instances.status.",
  tasks: "search.task.",
  "change-requests": "changes.status.",
  persons: "search.person.",
};

/** What is said of a thing that was found, in the reader's language; `moment` is how they read an instant. */
export function detailOf(kind: Kind, item: FoundItem, say: Say, moment: (at: string) => string): string {
  const { about, status } = item;
  const key = `${STATUSES[kind] ?? ""}${status.replaceAll(" ", "-")}`;
  const said =
    kind === "blueprints"
      ? say("search.version", { number: status })
      : kind === "entries"
        ? moment(status)
        : say.knows(key)
          ? say(key)
          : status;
  return about === "" ? said : `${about}, ${said}`;
}

/** The groups that hold something of what the server found and the console has a screen for. */
export function foundGroups(
  found: Found | undefined,
  name: (kind: Kind) => string,
  detail: (kind: Kind, item: FoundItem) => string,
): readonly Group[] {
  const groups = (found?.groups ?? []).map(({ kind, items }) => ({
    key: kind,
    title: name(kind),
    choices: items.flatMap((item): Choice[] => {
      const place = placeOf(kind, item.id, item.title);
      if (place === null) return [];
      const { id, title } = item;
      return [
        {
          key: `${kind} ${id}`,
          icon: ICONS[kind],
          title,
          detail: detail(kind, item),
          place,
          opened: { kind, id, title },
        },
      ];
    }),
  }));
  return groups.filter((group) => group.choices.length > 0);
}

/** What was opened before and still has a screen. */
export function recentChoices(recent: readonly Recent[], name: (kind: Kind) => string): readonly Choice[] {
  return recent.flatMap((one): Choice[] => {
    const place = one.kind in ICONS ? placeOf(one.kind, one.id, one.title) : null;
    if (place === null) return [];
    const { kind, id, title } = one;
    return [
      {
        key: `recent ${kind} ${id}`,
        icon: ICONS[kind],
        title,
        detail: name(kind),
        place,
        opened: one,
      },
    ];
  });
}

/** The choices whose title has every word that was typed, whatever its case and accents. */
export function matching(choices: readonly Choice[], text: string): readonly Choice[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return choices.filter((choice) => words.every((word) => plain(choice.title).includes(word)));
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLocaleLowerCase();
}
