/**
 * The verdicts of an evidence pack that a browser can reach, 1 to 4, as `ledger.verify.packs` gives them: the same
 * statuses and the same words. The fifth derives decisions again and is not run here.
 *
 * Each verdict stands for itself, and what it needs and does not find makes it fail. Without a key given from outside
 * 3 and 4 are not determinable: whoever made the pack could have made the key in it.
 */
import { ascii, fromBase64Url, toHex, toUtf8 } from "./bytes";
import { byCodePoint, encode } from "./canonical";
import { countFaults } from "./counting";
import { commitmentsIn, EntryTable } from "./entry";
import { BrokenInput, isObject, type Json, listOf, member, Unreadable, whyUnreadable } from "./fault";
import { believed, readLists } from "./key_statements";
import { LogKeys, OPENED, told } from "./log_keys";
import { checkConsistency } from "./merkle";
import { parseNote, parseVkey, type VerifierKey, verifySignature } from "./note";
import {
  type Bag,
  bagFaults,
  ENTRIES,
  type Envelope,
  INCLUSION,
  readBag,
  readEnvelope,
  readStatement,
  type Statement,
  VERIFIER,
} from "./pack";
import { type Policy, parsePolicy, type Witnessing, witnessing } from "./policy";
import {
  type CountProof,
  fileOf,
  inclusionFaults,
  type Notes,
  opens,
  readCompleteness,
  readConsistency,
  readNotes,
  readOpenings,
} from "./proofs";
import type { Source } from "./source";
import {
  Faults,
  faultsOf,
  type OnProgress,
  type Outcome,
  type Position,
  type Report,
  type Trust,
  type Verdict,
  verdict,
} from "./told";

const COUNTED = "subjects.counted";
const NOT_RUN = "a browser does not judge decisions again; verify.py and muniment verify-pack do";

interface Pinned {
  readonly key: VerifierKey | null;
  readonly lists: readonly string[];
  readonly policy: Policy | null;
}

/** The verdicts of a pack. Takes as long as it takes: meant for a worker. */
export function verify(source: Source, trust: Trust, onProgress: OnProgress): Outcome {
  let pinned: Pinned;
  try {
    pinned = pinnedOf(trust);
  } catch (error) {
    return { kind: "bad trust", text: whyUnreadable(error) };
  }
  let read = 0;
  let total = source.size;
  const advance = (bytes: number) => {
    read += bytes;
    onProgress(Math.min(1, read / total));
  };
  try {
    const bag = readBag(source, advance);
    total += size(bag, ENTRIES) + size(bag, INCLUSION);
    return { kind: "verified", report: reportOf(new Parts(bag, advance), pinned) };
  } catch (error) {
    if (!(error instanceof BrokenInput)) throw error;
    return { kind: "no pack", text: error.message };
  }
}

function size(bag: Bag, name: string): number {
  return bag.payload.get(name)?.content.size ?? 0;
}

/** What was given from outside; `BrokenInput` for what cannot be read, and for lists the key does not lead to. */
function pinnedOf(trust: Trust): Pinned {
  const key = trust.vkey === null ? null : parseVkey(trust.vkey.trim());
  const policy = trust.policy === null ? null : parsePolicy(ascii(trust.policy));
  if (trust.keyLists === null) return { key, lists: [], policy };
  if (key === null)
    throw new BrokenInput("expected a verifier key with the lists: a list cannot vouch for itself");
  const lists = readLists(trust.keyLists);
  believed(lists, [key]);
  return { key, lists, policy };
}

/** The parts of one bag, each read once when it is first asked for; one that cannot be read throws each time. */
class Parts {
  private readonly held = new Map<string, { value: unknown } | { error: unknown }>();

  constructor(
    readonly bag: Bag,
    readonly advance: (bytes: number) => void,
  ) {}

  get envelope(): Envelope {
    return this.once("envelope", () => readEnvelope(this.bag));
  }

  get statement(): Statement {
    return this.once("statement", () => readStatement(this.envelope.payload));
  }

  get entries(): EntryTable {
    return this.once("entries", () => new EntryTable(fileOf(this.bag, ENTRIES), this.advance));
  }

  get notes(): Notes {
    return this.once("notes", () => readNotes(this.bag));
  }

  get completeness(): readonly [number, Map<string, CountProof>] {
    return this.once("completeness", () => readCompleteness(this.bag));
  }

  private once<T>(name: string, read: () => T): T {
    let found = this.held.get(name);
    if (found === undefined) {
      try {
        found = { value: read() };
      } catch (error) {
        found = { error };
      }
      this.held.set(name, found);
    }
    if ("error" in found) throw found.error;
    return found.value as T;
  }
}

function reportOf(parts: Parts, pinned: Pinned): Report {
  let witnesses: Witnessing | null = null;
  const verdicts = [
    guarded(1, () => intact(parts)),
    guarded(2, () => included(parts)),
    guarded(3, () => {
      const found = signed(parts, pinned);
      if (pinned.policy === null) return found;
      witnesses = witnessing(parts.notes.texts, pinned.policy);
      return witnesses.fault === "" ? found : verdict(3, "failed", witnesses.fault);
    }),
    guarded(4, () => complete(parts, pinned)),
    verdict(5, "not run", NOT_RUN),
  ];
  const isIncluded = verdicts[1]?.status === "passed";
  return {
    pack: parts.bag.name,
    good: verdicts.slice(0, 4).every((one) => one.status === "passed"),
    strength: strengthOf(isIncluded ? witnesses : null),
    verdicts,
    notes: [verifierNote(parts.bag)],
    entries: attempt(() => parts.entries.count),
    position: attempt(() => positionOf(parts.notes)),
  };
}

function positionOf({ last }: Notes): Position {
  return { origin: last.origin, size: last.size, root: toHex(last.root) };
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    whyUnreadable(error);
    return null;
  }
}

function strengthOf(by: Witnessing | null): string {
  if (by === null || by.size === null) return "operator only";
  return `witnessed by ${by.names.join(", ")} up to size ${by.size}`;
}

function verifierNote(bag: Bag): string {
  const inside = bag.payload.get(VERIFIER);
  if (inside === undefined) return "the pack holds no verifier of its own";
  return `the pack's own verify.py has SHA-256 ${toHex(inside.sha256)}; run one fetched elsewhere`;
}

/** A verdict that cannot be reached because the pack cannot be read is a failed one. */
function guarded(number: Verdict["number"], judge: () => Verdict): Verdict {
  try {
    return judge();
  } catch (error) {
    return verdict(number, "failed", whyUnreadable(error));
  }
}

function intact(parts: Parts): Verdict {
  const { bag, statement } = parts;
  const faults = faultsOf(bagFaults(bag, statement));
  if (bag.name !== statement.predicate.pack_id)
    faults.add("the pack is named otherwise than its manifest says");
  if (!faults.isEmpty) return verdict(1, "failed", faults.listed());
  return verdict(1, "passed", `${bag.payload.size} files as the manifest lists them`);
}

function included(parts: Parts): Verdict {
  const { entries, notes } = parts;
  const faults = consistencyFaults(parts);
  faults.addAll(inclusionFaults(parts.bag, entries, notes.last, parts.advance));
  if (entries.orderStopped !== null) throw entries.orderStopped;
  faults.addAll(entries.order);
  const [opened, openingFaults] = openingsOf(parts);
  faults.addAll(openingFaults);
  if (!faults.isEmpty) return verdict(2, "failed", faults.listed());
  const { last } = notes;
  const tree = `in the tree of size ${last.size} of ${last.origin}`;
  return verdict(2, "passed", `${entries.count} entries ${tree}; ${opened} openings fit`);
}

function consistencyFaults(parts: Parts): Faults {
  const proofs = readConsistency(parts.bag);
  const faults = new Faults();
  const { checkpoints } = parts.notes;
  for (const [at, grown] of checkpoints.entries()) {
    const old = checkpoints[at - 1];
    if (old === undefined) continue;
    const path = proofs.get(`${old.size} ${grown.size}`);
    if (path === undefined || !checkConsistency(old, grown, path)) {
      faults.add(`the checkpoint of size ${grown.size} does not extend the one of size ${old.size}`);
    }
  }
  return faults;
}

/** Each opening opens a commitment that stands in the entry it names: how many there are, and what is wrong. */
function openingsOf({ bag, entries }: Parts): readonly [number, Faults] {
  const faults = new Faults();
  const openings = readOpenings(bag);
  let at: number | null = null;
  let value: Json = null;
  let commitments: Set<string> = new Set();
  for (const opening of openings) {
    const place = entries.find(opening.number);
    if (place !== at) {
      at = place;
      value = place === null ? null : entries.value(place);
      commitments = commitmentsIn(value);
    }
    const isOfSubject = isObject(value) && member(value, "subject") === opening.subject;
    const origin = isObject(value) ? String(member(value, "origin")) : "";
    const data = toUtf8(encode(opening.value));
    if (data === null) throw new Unreadable("UnicodeEncodeError a lone surrogate in a value");
    const isOpen =
      isOfSubject && [...commitments].some((one) => opens(fromBase64Url(one), opening, origin, data));
    if (!isOpen)
      faults.add(`the opening of \`${opening.path}\` opens no commitment of entry ${opening.number}`);
  }
  return [openings.length, faults];
}

/** The keys are those that the pack's entries put in force, from the one given from outside on. */
function signed(parts: Parts, { key, lists }: Pinned): Verdict {
  if (key === null) {
    if (!signingFaults(parts, null, []).isEmpty) {
      return verdict(3, "failed", "not even signed by the key the pack names itself");
    }
    return verdict(3, "not determinable", "no key was given from outside (--trust VKEY)");
  }
  if (!enrolled(parts.entries).some((one) => one.vkey === key.vkey)) {
    return verdict(3, "failed", "the log of this pack has not enrolled the key given from outside");
  }
  const faults = signingFaults(parts, key, lists);
  if (!faults.isEmpty) return verdict(3, "failed", faults.listed());
  return verdict(
    3,
    "passed",
    `${parts.notes.texts.length} checkpoint and the manifest signed by ${key.name}`,
  );
}

/** The keys the log's first entry enrols. */
function enrolled(entries: EntryTable): VerifierKey[] {
  let first: number | null = null;
  for (let at = 0; at < entries.count && first === null; at++) if (entries.number(at) === 0) first = at;
  const value = first === null ? null : entries.value(first);
  if (value === null || member(value, "kind") !== OPENED) {
    throw new BrokenInput("expected the entry that opened the log, found none");
  }
  return listOf(member(value, "payload"), "keys").map((key) => parseVkey(String(member(key, "vkey"))));
}

function signingFaults(parts: Parts, key: VerifierKey | null, lists: readonly string[]): Faults {
  const [keys, faults] = noteFaults(parts, key, lists);
  const { size } = parts.notes.last;
  const stolen = keys?.judgeLast(size) ?? null;
  if (stolen !== null) faults.add(told(stolen));
  const { message, signatures } = parts.envelope;
  const isSigned = (keys?.validAt(size) ?? []).some((one) =>
    signatures.some((signature) => verifySignature(one.publicKey, message, signature)),
  );
  if (!isSigned) faults.add("the manifest is not signed by the key of the last checkpoint");
  return faults;
}

/** The keys that the entries of the pack put in force, and what is wrong with them and with the checkpoints. */
function noteFaults(
  parts: Parts,
  key: VerifierKey | null,
  lists: readonly string[],
): readonly [LogKeys | null, Faults] {
  const keys = new LogKeys(key === null ? [] : [key], lists);
  if (parts.entries.keysStopped !== null) throw parts.entries.keysStopped;
  for (const entry of parts.entries.keyEntries) {
    const wrong = keys.name(entry.number, entry.kind, entry.payload);
    if (wrong !== null) {
      return [null, faultsOf([`entry ${entry.number}: expected ${wrong.expected}, found ${wrong.found}`])];
    }
  }
  const faults = new Faults();
  for (const [at, checkpoint] of parts.notes.checkpoints.entries()) {
    const about = `checkpoint of size ${checkpoint.size}`;
    if (key !== null && checkpoint.origin !== key.name) {
      faults.add(`${about}: expected one of ${key.name}, found another`);
      continue;
    }
    const finding = keys.judge(checkpoint, parseNote(parts.notes.texts[at] as string));
    if (finding !== null) faults.add(`${about}: ${told(finding)}`);
  }
  return [keys, faults];
}

function complete(parts: Parts, { key, lists }: Pinned): Verdict {
  const { entries } = parts;
  const { predicate } = parts.statement;
  const [index, proofs] = parts.completeness;
  const at = entries.find(index);
  const counted = at === null ? null : entries.value(at);
  if (counted === null || member(counted, "kind") !== COUNTED) {
    return verdict(4, "failed", "the entry that counts subjects is not in the pack");
  }
  const payload = member(counted, "payload");
  if (member(payload, "size") !== index) {
    return verdict(4, "failed", "the count does not cover all entries before it");
  }
  const stated = new Set(namesIn(predicate, "subjects"));
  const faults = new Faults();
  for (const name of sortedNames(stated)) if (!proofs.has(name)) faults.add(`${name}: no proof of its count`);
  for (const name of sortedNames(new Set(namesIn(predicate, "instances")))) {
    if (!stated.has(name)) faults.add(`${name}: not stated`);
  }
  faults.addAll(
    countFaults(
      entries,
      [...stated].map((name) => proofs.get(name)),
      index,
      payload,
    ),
  );
  if (!faults.isEmpty) return verdict(4, "failed", faults.listed());
  const text = `all entries of ${stated.size} subjects up to size ${index}`;
  if (key === null) {
    return verdict(4, "not determinable", `${text}, if the key in the pack is the log's (--trust VKEY)`);
  }
  if (!noteFaults(parts, key, lists)[1].isEmpty) {
    return verdict(4, "not determinable", `${text} of a log that the key given from outside did not sign`);
  }
  return verdict(4, "passed", text);
}

function namesIn(predicate: Json, name: string): string[] {
  return listOf(predicate, name).map((one) => {
    if (typeof one !== "string") throw new Unreadable(`TypeError expected texts in \`${name}\``);
    return one;
  });
}

function sortedNames(names: ReadonlySet<string>): string[] {
  return [...names].sort(byCodePoint);
}
