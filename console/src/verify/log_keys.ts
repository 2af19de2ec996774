/**
 * Which keys sign for a log, and whether a checkpoint was signed by one that was valid then: `ledger.verify.signing`.
 *
 *     a pinned commit key     leads to the keys of the first entry whose list it signed, then to whatever it signs for
 *     a pinned identity key   leads to the keys it lists or signs for, and from those to the commit keys that follow
 *                             them; never to another identity key, unless it signs for that one itself
 *
 * To be named beside a pinned key is nothing: whoever writes a log of their own can name it as well.
 */
import { cosignatureVerifier } from "./cosignature";
import { BrokenInput, integerOf, isObject, type Json, textOf, Unreadable } from "./fault";
import { byAge, changed, faultOf, idOf, inForce, saysTheSame, signersOf } from "./key_rules";
import {
  believed,
  CERTIFIED,
  COMMIT_KEY,
  COMPROMISED,
  ENROLLED,
  IDENTITY_KEY,
  type KeyList,
  keyOf,
  type ListedKey,
  openList,
  POST_QUANTUM_KEY,
  parseOrder,
  RETIRED,
  ROTATED,
  signing,
  signs,
} from "./key_statements";
import {
  type Checkpoint,
  ED25519,
  type Note,
  openNote,
  parseNote,
  plainVerifier,
  type SignatureLine,
  type Verifier,
  type VerifierKey,
} from "./note";

/** The kind of the entry that opens a log. */
export const OPENED = "ledger.opened";

/** Kinds of entries that say which keys sign for the log. */
export const KEY_KINDS: ReadonlySet<string> = new Set([
  OPENED,
  CERTIFIED,
  ENROLLED,
  ROTATED,
  RETIRED,
  COMPROMISED,
]);

/** What is wrong: the class of the fault, what was expected and what was found. */
export interface Finding {
  readonly fault: string;
  readonly expected: string;
  readonly found: string;
}

/** A finding as a verdict tells it. */
export function told({ fault, expected, found }: Finding): string {
  return `${fault}: expected ${expected}, found ${found}`;
}

/** The keys of one log, as its entries put them in force one after another. */
export class LogKeys {
  private keys: readonly ListedKey[] = [];
  private roots = new Map<string, boolean>(); // trusted vkey -> whether an identity key may descend from it
  private readonly listed: KeyList | null;

  constructor(
    private readonly trusted: readonly VerifierKey[],
    lists: readonly string[],
  ) {
    this.listed = believed(lists, trusted);
  }

  /** Take what an entry says of keys; what was expected and found when it may not say so. */
  name(index: number, kind: string, payload: Json): Finding | null {
    if (kind === OPENED) return this.open(index, payload);
    try {
      return kind === CERTIFIED ? this.certify(index, payload) : this.change(index, kind, payload);
    } catch (error) {
      if (!(error instanceof BrokenInput || error instanceof Unreadable)) throw error;
      const found = error instanceof BrokenInput ? error.reason : "a payload without its members";
      return { fault: "order", expected: "a change of keys that one of them signed for", found };
    }
  }

  /** The keys that may sign a commit's checkpoint of this size. */
  validAt(size: number): VerifierKey[] {
    if (this.keys.length === 0) return this.trusted.filter((key) => key.type === ED25519);
    return signing(this.keys, size, COMMIT_KEY)
      .filter((key) => this.isTrusted(key))
      .map(keyOf);
  }

  /** The commit key's line, and those of the identity and ML-DSA-44 key if any. */
  judge(checkpoint: Checkpoint, note: Note): Finding | null {
    if (this.keys.length === 0 && this.trusted.length === 0) return null;
    const { size } = checkpoint;
    const valid = this.validAt(size);
    const ofKey = (line: SignatureLine) =>
      valid.find((key) => key.name === line.name && key.keyId === line.keyId);
    const lines = note.signatures.filter((line) => ofKey(line) !== undefined);
    if (lines.length === 0) {
      const signed = note.signatures
        .map((line) => `${line.name} ${line.keyId}${this.ended(line)}`)
        .join(", ");
      return { fault: "wrong key", expected: `a signature by key ${ids(valid)}`, found: `one by ${signed}` };
    }
    const wrong = this.contradicted(size, lines);
    if (wrong !== null) return wrong;
    const others: (readonly [SignatureLine, Verifier])[] = [];
    const beyond = this.others(size, note, others);
    if (beyond !== null) {
      const expected = `a signature by a key in force at size ${size}`;
      return { fault: "wrong key", expected, found: `one by ${beyond}` };
    }
    const own = lines.map((line) => [line, plainVerifier(ofKey(line) as VerifierKey)] as const);
    for (const [line, verifier] of [...own, ...others]) {
      if (!verifier.verify(note.text, line.signature)) {
        const expected = `a signature by key ${line.keyId}`;
        return { fault: "altered", expected, found: "a signature that does not verify" };
      }
    }
    return null;
  }

  /** Whether the commit key that signs this size was stolen by then, or the log tells of other keys than the list. */
  judgeLast(size: number): Finding | null {
    if (this.listed !== null && this.keys.length > 0) {
      const upto = Math.min(size, this.listed.size);
      const [named, listed] = [asOf(this.keys, upto), asOf(this.listed.keys, upto)];
      if (named.map(spelt).sort().join() !== listed.map(spelt).sort().join()) {
        const expected = `the keys listed outside for size ${upto}, ${said(listed)}`;
        return { fault: "re-signed", expected, found: said(named) };
      }
    }
    for (const key of signing([...this.keys, ...(this.listed?.keys ?? [])], size, COMMIT_KEY)) {
      if (key.voidFrom !== null && size > key.voidFrom) {
        const expected = `a checkpoint by a key that was not stolen, ${idOf(key)} was above size ${key.voidFrom}`;
        return { fault: "re-signed", expected, found: `one of size ${size}` };
      }
    }
    return null;
  }

  private open(index: number, payload: Json): Finding | null {
    const keys = keysIn(payload).map(([purpose, vkey]) => ({
      purpose,
      vkey,
      from: index,
      to: null,
      voidFrom: null,
    }));
    if (this.keys.length > 0)
      return { fault: "order", expected: "one entry that opens the log", found: "another" };
    if (new Set(keys.map((key) => key.purpose)).size < keys.length) {
      return { fault: "order", expected: "one first key of each purpose", found: "more" };
    }
    this.keys = byAge(keys);
    if (this.trusted.length === 0) return null;
    const pinned = keys.filter((key) => this.isPinned(key.vkey));
    if (pinned.length === 0) {
      const expected = `a key pinned outside, ${ids(this.trusted)}`;
      return { fault: "vkey", expected, found: `key ${ids(keys.map(keyOf))}` };
    }
    this.roots = new Map(pinned.map((key) => [key.vkey, true]));
    let isListed = false;
    for (const by of pinned.filter((key) => key.purpose !== POST_QUANTUM_KEY)) {
      const found = listedBy(by, payload);
      isListed = isListed || found !== null;
      for (const key of found ?? []) {
        const isRoot = by.purpose === COMMIT_KEY || (this.roots.get(key.vkey) ?? false);
        if (keys.some((one) => spelt(one) === spelt(key))) this.roots.set(key.vkey, isRoot);
      }
    }
    if (!isListed && !pinned.some((key) => key.purpose === COMMIT_KEY)) {
      const expected = "a list of the first keys that the pinned identity key signed";
      return { fault: "vkey", expected, found: "none" };
    }
    return null;
  }

  private change(index: number, kind: string, payload: Json): Finding | null {
    const note = textOf(payload, "order");
    const order = parseOrder(parseNote(note).text);
    if (order.act !== kind || !isObject(payload) || !saysTheSame(payload, order)) {
      return { fault: "order", expected: "an entry that says what its order says", found: "another" };
    }
    let fault = faultOf(this.keys, order, index);
    const signers = fault === null ? signersOf(this.keys, order) : [];
    const isOwn = signers.length > 0 && signers.every((key) => keyOf(key).name === order.origin);
    if (fault === null && !isOwn) fault = "expected a key in force that signs for this";
    if (fault !== null) return { fault: "order", expected: "an order that the rules allow", found: fault };
    const { keyIds } = openNote(
      note,
      signers.map((key) => plainVerifier(keyOf(key))),
    );
    const by = signers.filter((key) => keyIds.has(idOf(key)));
    this.keys = changed(this.keys, order, index);
    if (order.vkey !== null) this.trust(order.purpose, order.vkey, by);
    return null;
  }

  /** Let trust flow from who signed for a key to the key. */
  private trust(purpose: string, vkey: string, by: readonly ListedKey[]): void {
    const trusted = by.filter((key) => this.roots.has(key.vkey));
    const root = trusted.filter((key) => this.roots.get(key.vkey));
    if (this.isPinned(vkey)) this.roots.set(vkey, true);
    else if (purpose === IDENTITY_KEY) {
      if (root.length > 0) this.roots.set(vkey, true);
    } else if (trusted.length > 0) {
      this.roots.set(vkey, purpose === COMMIT_KEY && root.some((key) => key.purpose === COMMIT_KEY));
    }
  }

  private certify(index: number, payload: Json): Finding | null {
    const identity = inForce(this.keys, IDENTITY_KEY);
    const note = textOf(payload, "list");
    if (identity === null) return { fault: "order", expected: "an identity key in force", found: "none" };
    const listed = openList(note, [plainVerifier(keyOf(identity))]);
    const isSame = listed.keys.map(spelt).join() === this.keys.map(spelt).join();
    if (!isSame || integerOf(payload, "size") !== listed.size || listed.size > index) {
      return { fault: "order", expected: "a list of the keys as they were", found: "another" };
    }
    if (this.roots.has(identity.vkey)) {
      for (const key of listed.keys) if (!this.roots.has(key.vkey)) this.roots.set(key.vkey, false);
    }
    return null;
  }

  private isPinned(vkey: string): boolean {
    return this.trusted.some((key) => key.vkey === vkey);
  }

  private isTrusted(key: ListedKey): boolean {
    return this.trusted.length === 0 || this.roots.has(key.vkey);
  }

  /** Whether the list from outside says that another key signs checkpoints of this size. */
  private contradicted(size: number, lines: readonly SignatureLine[]): Finding | null {
    if (this.listed === null) return null;
    const expected = signing(this.listed.keys, size, COMMIT_KEY).map(idOf);
    const ended = this.listed.keys.filter((key) => key.to !== null).map(idOf);
    const isEnded = lines.some((line) => ended.includes(line.keyId));
    if (lines.some((line) => expected.includes(line.keyId)) || (size > this.listed.size && !isEnded))
      return null;
    const words = `a signature by key ${expected.join(", ") || "none"}, as listed outside`;
    return {
      fault: "re-signed",
      expected: words,
      found: `one by ${lines.map((line) => line.keyId).join(", ")}`,
    };
  }

  /** Collects the lines of the identity and ML-DSA-44 keys; the first by one of them that was not in force then. */
  private others(size: number, note: Note, found: (readonly [SignatureLine, Verifier])[]): string | null {
    const known = new Map(
      this.keys.filter((key) => key.purpose !== COMMIT_KEY).map((key) => [idOf(key), key]),
    );
    for (const line of note.signatures) {
      const key = known.get(line.keyId);
      if (key === undefined || keyOf(key).name !== line.name) continue;
      if (!signs(key, size)) return `${line.keyId}${this.ended(line)}`;
      const kind = key.purpose === IDENTITY_KEY ? plainVerifier : cosignatureVerifier;
      found.push([line, kind(keyOf(key))]);
    }
    return null;
  }

  private ended(line: SignatureLine): string {
    const key = this.keys.find((one) => idOf(one) === line.keyId);
    if (key === undefined) return "";
    return ` (in force from ${key.from + 1}${key.to === null ? "" : ` to ${key.to}`})`;
  }
}

/** Purpose and verifier key of each key in the payload of `ledger.opened`; what cannot be read names no key. */
function keysIn(payload: Json): [string, string][] {
  const listed = isObject(payload) ? payload.keys : null;
  const found: [string, string][] = [];
  for (const item of Array.isArray(listed) ? listed : []) {
    const [vkey, purpose] = isObject(item) ? [item.vkey, item.purpose] : [null, null];
    try {
      const key = keyOf({
        purpose: String(purpose),
        vkey: typeof vkey === "string" ? vkey : "",
        from: 0,
        to: null,
        voidFrom: null,
      });
      found.push([String(purpose), key.vkey]);
    } catch (error) {
      if (!(error instanceof BrokenInput)) throw error;
    }
  }
  return found;
}

/** The first keys by a list that this one signed; null without. */
function listedBy(key: ListedKey, payload: Json): readonly ListedKey[] | null {
  try {
    return openList(textOf(payload, "list"), [plainVerifier(keyOf(key))]).keys;
  } catch (error) {
    if (error instanceof BrokenInput || error instanceof Unreadable) return null;
    throw error;
  }
}

/** The keys as entries before this index made them. What was learnt later of a theft is left out. */
function asOf(keys: readonly ListedKey[], size: number): ListedKey[] {
  return keys
    .filter((key) => key.from < size)
    .map((key) => ({ ...key, to: key.to === null || key.to >= size ? null : key.to, voidFrom: null }));
}

function spelt(key: ListedKey): string {
  return `${key.purpose} ${key.from} ${key.to} ${key.voidFrom} ${key.vkey}`;
}

function said(keys: readonly ListedKey[]): string {
  return (
    keys
      .map((key) => `${idOf(key)} from ${key.from}`)
      .sort()
      .join(", ") || "none"
  );
}

function ids(keys: readonly VerifierKey[]): string {
  return keys.map((key) => key.keyId).join(", ") || "none";
}
