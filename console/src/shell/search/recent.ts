/** What was opened out of search in this session and this window; forgotten with either. */
import type { Kind } from "../places";

export interface Recent {
  readonly kind: Kind;
  readonly id: string;
  readonly title: string;
}

const KEY = "muniment.recent";
const MOST = 5;

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** What the session `owner` opened, latest first. What another session left behind is forgotten. */
export function recentOf(owner: string, storage: Store = sessionStorage): readonly Recent[] {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return [];
    const { owner: whose, items } = kept as { owner?: unknown; items?: unknown };
    if (whose === owner && Array.isArray(items)) return items.filter(isRecent).slice(0, MOST);
    storage.removeItem(KEY);
    return [];
  } catch {
    return [];
  }
}

/** Keeps one more. A browser that forbids it forgets, and nothing else fails. */
export function remember(owner: string, opened: Recent, storage: Store = sessionStorage): void {
  const before = recentOf(owner, storage).filter((one) => one.kind !== opened.kind || one.id !== opened.id);
  try {
    storage.setItem(KEY, JSON.stringify({ owner, items: [opened, ...before].slice(0, MOST) }));
  } catch {
    return;
  }
}

/** Forgets everything: whoever comes next at this machine sees nothing of it. */
export function forgetRecent(storage: Store = sessionStorage): void {
  try {
    storage.removeItem(KEY);
  } catch {
    return;
  }
}

function isRecent(one: unknown): one is Recent {
  if (typeof one !== "object" || one === null) return false;
  const { kind, id, title } = one as Record<string, unknown>;
  return typeof kind === "string" && typeof id === "string" && typeof title === "string";
}
