/** What this browser keeps of the tour: whether somebody left it, and which stops that only visits show were made. */

export interface TourMemory {
  /** Open, or put away; null until somebody chose. */
  readonly isOpen: boolean | null;
  /** Stops that were visited, by id. */
  readonly visited: readonly string[];
}

export const NOTHING: TourMemory = { isOpen: null, visited: [] };
const KEY = "muniment.tour";

type Store = Pick<Storage, "getItem" | "setItem">;

/** What is kept for somebody of an organisation, `owner`; nothing where it is missing or damaged. */
export function tourMemory(owner: string, storage: Store = localStorage): TourMemory {
  const kept = everybody(storage)[owner];
  if (typeof kept !== "object" || kept === null) return NOTHING;
  const { isOpen, visited } = kept as Record<string, unknown>;
  return {
    isOpen: typeof isOpen === "boolean" ? isOpen : null,
    visited: Array.isArray(visited) ? visited.filter((one) => typeof one === "string") : [],
  };
}

/** Keeps it. A browser that forbids it forgets, and nothing else fails. */
export function keepTour(owner: string, memory: TourMemory, storage: Store = localStorage): void {
  try {
    storage.setItem(KEY, JSON.stringify({ ...everybody(storage), [owner]: memory }));
  } catch {
    return;
  }
}

function everybody(storage: Store): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null ? (kept as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
