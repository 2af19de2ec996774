/** What is signed about the keys of a log, orders and lists, as `ledger.key_statements` reads them. */
import { BrokenInput } from "./fault";
import {
  ED25519,
  ML_DSA_44_COSIGNATURE,
  openNote,
  parseNote,
  parseVkey,
  plainVerifier,
  type Verifier,
  type VerifierKey,
} from "./note";

export const COMMIT_KEY = "commit";
export const IDENTITY_KEY = "identity";
export const POST_QUANTUM_KEY = "post-quantum";
export const ENROLLED = "key.enrolled";
export const CERTIFIED = "key.certified";
export const ROTATED = "key.rotated";
export const RETIRED = "key.retired";
export const COMPROMISED = "key.compromised";

/** Most keys of one log. */
export const KEYS_MAX = 200;

const PURPOSE_TYPES = new Map([
  [COMMIT_KEY, ED25519],
  [IDENTITY_KEY, ED25519],
  [POST_QUANTUM_KEY, ML_DSA_44_COSIGNATURE],
]);
const ORDERED = new Set([ENROLLED, ROTATED, RETIRED, COMPROMISED]);
const LIST_BYTES_MAX = 40_000;
const NOTE_BYTES_MAX = 1_000_000;
const ORDER = "muniment/key-order/v1";
const LIST = "muniment/keys/v1";

/** What a signer of an order wants done; `ends` is a key id in hexadecimal. */
export interface Order {
  readonly origin: string;
  readonly act: string;
  readonly purpose: string;
  readonly vkey: string | null;
  readonly ends: string | null;
  readonly voidFrom: number | null;
  readonly size: number;
}

/** A key with the sizes it signs (`from` < size <= `to`) and those from which that proves nothing. */
export interface ListedKey {
  readonly purpose: string;
  readonly vkey: string;
  readonly from: number;
  readonly to: number | null;
  readonly voidFrom: number | null;
}

/** All keys of a log as of `size`. */
export interface KeyList {
  readonly origin: string;
  readonly size: number;
  readonly keys: readonly ListedKey[];
}

/** Whether checkpoints of this size are this key's to sign. */
export function signs(key: ListedKey, size: number): boolean {
  return key.from < size && (key.to === null || size <= key.to);
}

/** Those of this purpose that sign checkpoints of this size. */
export function signing(keys: readonly ListedKey[], size: number, purpose: string): ListedKey[] {
  return keys.filter((key) => key.purpose === purpose && signs(key, size));
}

/** The order of its text; any other text is `BrokenInput`. */
export function parseOrder(text: string): Order {
  const lines = text.split("\n");
  const names = ["log", "act", "purpose", "key", "ends", "void", "size"];
  if (lines.length !== 9 || lines[0] !== ORDER || lines[8] !== "")
    throw new BrokenInput("expected an order about a key");
  const said = names.map((name, at) => after(lines[at + 1] as string, name)) as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const [origin, act, purpose, vkey, ends, voided, size] = said;
  const number = sizeOf(size);
  if (number === null) throw new BrokenInput("expected a size");
  const voidFrom = sizeOf(voided);
  const printed = [origin, act, purpose, vkey, ends, spelt(voidFrom), String(number)];
  if (!ORDERED.has(act) || !PURPOSE_TYPES.has(purpose) || printed.some((one, at) => one !== said[at])) {
    throw new BrokenInput("expected an order about a key, as it is written");
  }
  return { origin, act, purpose, vkey: known(vkey), ends: known(ends), voidFrom, size: number };
}

/** The list of its text; any other text is `BrokenInput`. */
export function parseList(text: string): KeyList {
  const lines = text.split("\n");
  if (lines.length < 4 || lines[0] !== LIST || lines.at(-1) !== "")
    throw new BrokenInput("expected a list of keys");
  const origin = after(lines[1] as string, "log");
  const size = sizeOf(after(lines[2] as string, "size"));
  if (size === null || lines.length - 4 > KEYS_MAX) {
    throw new BrokenInput(`expected a size and at most ${KEYS_MAX} keys`);
  }
  const keys = lines.slice(3, -1).map(listedKey);
  const printed = [LIST, `log ${origin}`, `size ${size}`];
  for (const key of keys) {
    printed.push(`${key.purpose} ${key.from} ${spelt(key.to)} ${spelt(key.voidFrom)} ${key.vkey}`);
  }
  if (text.length > LIST_BYTES_MAX) {
    throw new BrokenInput(`expected a list of at most ${LIST_BYTES_MAX} bytes, found ${text.length}`);
  }
  if (`${printed.join("\n")}\n` !== text) throw new BrokenInput("expected a list of keys, as it is written");
  return { origin, size, keys };
}

/** A list that one of `signers` signed; else `BrokenInput`. */
export function openList(note: string, signers: readonly Verifier[]): KeyList {
  return parseList(openNote(note, signers).text);
}

/** The signed lists of a file in the order in which they were made: one note after another. */
export function readLists(text: string): string[] {
  if (text.length > NOTE_BYTES_MAX)
    throw new BrokenInput(`expected a file of at most ${NOTE_BYTES_MAX} bytes`);
  const starts: number[] = [];
  for (let at = text.indexOf(`${LIST}\n`); at >= 0; at = text.indexOf(`${LIST}\n`, at + 1)) {
    if (at === 0 || text[at - 1] === "\n") starts.push(at);
  }
  if (starts[0] !== 0) throw new BrokenInput("expected signed lists of keys");
  const notes = starts.map((start, at) => text.slice(start, starts[at + 1] ?? text.length));
  for (const note of notes) parseList(parseNote(note).text);
  return notes;
}

/** The verifier key of a listed key, whose type must be the one of its purpose. */
export function keyOf(listed: ListedKey): VerifierKey {
  return checkVkey(listed.vkey, listed.purpose);
}

/** The verifier key; `BrokenInput` unless its type is that of the purpose and its name `origin` (if given). */
export function checkVkey(vkey: string, purpose: string, origin: string | null = null): VerifierKey {
  const key = parseVkey(vkey);
  if (key.type !== PURPOSE_TYPES.get(purpose)) {
    const shown = `0x${key.type.toString(16).padStart(2, "0")}`;
    throw new BrokenInput(
      `expected a key of the type that a ${purpose.slice(0, 20)} key has, found ${shown}`,
    );
  }
  if (origin !== null && key.name !== origin) {
    throw new BrokenInput(`expected a key of ${origin}, found one of \`${key.name.slice(0, 80)}\``);
  }
  return key;
}

function listedKey(line: string): ListedKey {
  const parts = line.split(" ");
  const [purpose, from, to, voided] = parts as [string, string, string, string];
  const start = parts.length >= 5 ? sizeOf(from) : null;
  if (start === null) throw new BrokenInput("expected purpose, from, to, void and key");
  const vkey = parts.slice(4).join(" ");
  const key = { purpose, vkey, from: start, to: sizeOf(to), voidFrom: sizeOf(voided) };
  keyOf(key);
  return key;
}

function after(line: string, name: string): string {
  const value = line.slice(name.length + 1);
  if (!line.startsWith(`${name} `) || value === "") throw new BrokenInput(`expected a line \`${name} ...\``);
  return value;
}

function sizeOf(text: string): number | null {
  if (text === "-") return null;
  if (!/^[0-9]{1,16}$/.test(text)) throw new BrokenInput("expected a size in decimal");
  return Number(text);
}

function known(text: string): string | null {
  return text === "-" ? null : text;
}

function spelt(value: number | null): string {
  return value === null ? "-" : String(value);
}

/**
 * The newest of the lists given from outside, all of which must count, else `BrokenInput`; null when there are none.
 * A list counts when a pinned key signed it, or an identity key that a list before names and does not end.
 */
export function believed(notes: readonly string[], pinned: readonly VerifierKey[]): KeyList | null {
  const signers = new Map<string, VerifierKey>();
  for (const key of pinned) if (key.type === ED25519) signers.set(key.keyId, key);
  let newest: KeyList | null = null;
  for (const [at, note] of notes.entries()) {
    const listed = openedAs(note, [...signers.values()], at + 1);
    if (newest !== null && (listed.origin !== newest.origin || listed.size < newest.size)) {
      throw new BrokenInput(`list ${at + 1} of the keys: expected a later one of ${newest.origin}`);
    }
    newest = listed;
    for (const key of listed.keys.filter((one) => one.purpose === IDENTITY_KEY)) {
      const named = keyOf(key);
      signers.set(named.keyId, named);
      if (key.voidFrom !== null && !pinned.some((one) => one.vkey === named.vkey))
        signers.delete(named.keyId);
    }
  }
  return newest;
}

function openedAs(note: string, signers: readonly VerifierKey[], number: number): KeyList {
  try {
    return openList(note, signers.map(plainVerifier));
  } catch (error) {
    if (!(error instanceof BrokenInput)) throw error;
    throw new BrokenInput(`list ${number} of the keys: ${error.message}`);
  }
}
