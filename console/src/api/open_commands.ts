/**
 * Commands that got no answer, with their ids: for as long as the tab is open, so that a page that is loaded anew asks
 * for the same command and not for another.
 *
 * Kept are ids, addresses and digests, never a word of what was sent; for one person, until they sign out, and for an
 * hour. Whoever asks for the same later has seen what became of the first, and means another.
 */
import { useSyncExternalStore } from "react";

const KEY = "muniment.commands";
const OPEN_MAX = 20; // a console left open for days must not gather them all
const KEPT_MS = 3_600_000;

export interface Command {
  readonly id: string;
  /** What is asked for, by digest. */
  readonly said: string;
  /** What it is about: `/v1/tasks/ID`. */
  readonly about: string;
  /** The revision that it was for; undefined where it names none. */
  readonly revision?: unknown;
  /** The place of the console that it was sent from, below its root. */
  readonly place: string;
  /** When it was sent first, in milliseconds since 1970. */
  readonly sentAt: number;
}

/** What a person is told of commands from before their page was loaded: one may be on record, or was. */
export type Earlier = { readonly kind: "unanswered"; readonly place: string } | { readonly kind: "repeated" };

const LOADED_AT = Date.now();
let open: readonly Command[] = [];
let owner: string | null = null;
let earlier: Earlier | null = null;
const listeners = new Set<() => void>();

/** What this tab still holds of somebody is theirs again; what it holds of others is forgotten. */
export function openCommandsOf(person: string, now = Date.now()): void {
  if (owner === person) return;
  const kept = read();
  open = kept?.owner === person ? kept.open.filter((one) => isKept(one, now)) : [];
  owner = person;
  const last = open.at(-1);
  if (last !== undefined) earlier = { kind: "unanswered", place: last.place };
  write();
}

/** The one that asks for the same, where there is one. */
export function openCommand(said: string, now = Date.now()): Command | undefined {
  return open.find((one) => one.said === said && isKept(one, now));
}

/** Keeps one until `endCommands`. */
export function keepCommand(command: Command, now = Date.now()): void {
  open = [...open.filter((one) => one.said !== command.said && isKept(one, now)), command].slice(-OPEN_MAX);
  write();
}

/**
 * One about this was answered: whoever went on means a new command. `isRepeated` where the answer is that of an earlier
 * try, which is said of those from before: nobody here has seen them fail.
 */
export function endCommands(about: string, isRepeated = false): void {
  const left = open.filter((one) => one.about !== about);
  if (left.length === open.length) return;
  const isEarlier = isRepeated && open.some((one) => one.about === about && one.sentAt < LOADED_AT);
  open = left;
  if (isEarlier) earlier = { kind: "repeated" };
  else if (open.length === 0 && earlier?.kind === "unanswered") earlier = null;
  write();
}

/** Signing out forgets them all. */
export function forgetCommands(): void {
  open = [];
  owner = null;
  earlier = null;
  write();
}

/** What is to be told of commands from before this page was loaded. */
export function useEarlier(): Earlier | null {
  return useSyncExternalStore(listen, () => earlier);
}

/** It was read. */
export function readEarlier(): void {
  earlier = null;
  tell();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isKept({ sentAt }: Command, now: number): boolean {
  return now - sentAt < KEPT_MS;
}

function tell(): void {
  for (const listener of listeners) listener();
}

function write(): void {
  tell();
  try {
    if (open.length === 0 || owner === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ owner, open }));
  } catch {
    return; // a browser that keeps nothing
  }
}

function read(): { readonly owner: string; readonly open: readonly Command[] } | null {
  try {
    const said = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return typeof said?.owner === "string" && Array.isArray(said.open) ? said : null;
  } catch {
    return null;
  }
}
