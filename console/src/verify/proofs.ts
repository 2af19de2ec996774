/** The proofs in a pack, read strictly: checkpoints, inclusion, consistency, counts of subjects, openings. */
import {
  ascii,
  fromBase64Url,
  fromUtf8,
  isSame,
  joined,
  toBase64Url,
  toUtf8,
  URL_SAFE_VALUES,
} from "./bytes";
import { readJson } from "./canonical";
import type { EntryTable } from "./entry";
import { BrokenInput, integerOf, type Json, listOf, member, textOf, Unreadable } from "./fault";
import { checkInclusion, HASH_BYTES, InclusionWalk, leafHash } from "./merkle";
import { type Checkpoint, parseCheckpoint, parseNote } from "./note";
import { type Bag, CHECKPOINTS, COMPLETENESS, CONSISTENCY, INCLUSION, OPENINGS } from "./pack";
import { sha256 } from "./sha256";
import type { Stretch } from "./source";
import { Faults } from "./told";

/** The signed checkpoints as text, and what each states; smallest tree first. */
export interface Notes {
  readonly texts: readonly string[];
  readonly checkpoints: readonly Checkpoint[];
  readonly last: Checkpoint;
}

/** How many entries a subject has, and that this stands at `place` in the tree of `total` subjects. */
export interface CountProof {
  readonly subject: string;
  readonly entries: number;
  readonly lastLeaf: Uint8Array;
  readonly place: number;
  readonly total: number;
  readonly path: readonly Uint8Array[];
}

/** A salt and a value, and the commitment's place they claim. */
export interface Opening {
  readonly number: number;
  readonly subject: string;
  readonly path: string;
  readonly salt: Uint8Array;
  readonly value: Json;
}

/** One file of the pack; `BrokenInput` when it is missing. */
export function fileOf(bag: Bag, name: string): Stretch {
  const file = bag.payload.get(name);
  if (file === undefined) throw new BrokenInput("expected a file of the pack, found none", `data/${name}`);
  return file.content;
}

function jsonOf(line: Uint8Array): Json {
  const text = fromUtf8(line);
  if (text === null) throw new BrokenInput("expected JSON");
  return readJson(text);
}

function valuesOf(bag: Bag, name: string): Json[] {
  const values: Json[] = [];
  const isWhole = fileOf(bag, name).lines((line) => {
    values.push(jsonOf(line));
  });
  if (!isWhole) throw new BrokenInput("expected lines that end in a newline", `data/${name}`);
  return values;
}

function pathOf(value: Json): Uint8Array[] {
  return listOf(value, "path").map((node) => {
    if (typeof node !== "string") throw new Unreadable("TypeError expected text in `path`");
    return fromBase64Url(node);
  });
}

/** The checkpoints; whether their signatures hold is another question. */
export function readNotes(bag: Bag): Notes {
  const texts = valuesOf(bag, CHECKPOINTS).map((value) => textOf(value, "note"));
  const checkpoints = texts.map((text) => parseCheckpoint(parseNote(text).text));
  const last = checkpoints.at(-1);
  if (last === undefined) throw new BrokenInput("expected a checkpoint, found none", CHECKPOINTS);
  return { texts, checkpoints, last };
}

/** The consistency path between two sizes, under "old new". */
export function readConsistency(bag: Bag): Map<string, readonly Uint8Array[]> {
  if (!bag.payload.has(CONSISTENCY)) return new Map();
  const values = valuesOf(bag, CONSISTENCY);
  return new Map(
    values.map((value) => [`${integerOf(value, "old")} ${integerOf(value, "new")}`, pathOf(value)]),
  );
}

/** The index of the entry that counts subjects, and the proof of each complete subject. */
export function readCompleteness(bag: Bag): readonly [number, Map<string, CountProof>] {
  const text = fromUtf8(fileOf(bag, COMPLETENESS).whole());
  if (text === null) throw new BrokenInput("expected JSON");
  if (!text.endsWith("\n")) throw new BrokenInput("expected JSON in its one spelling");
  const value = readJson(text.slice(0, -1));
  const proofs = new Map<string, CountProof>();
  for (const one of listOf(value, "subjects")) {
    const subject = textOf(one, "subject");
    proofs.set(subject, {
      subject,
      entries: integerOf(one, "entries"),
      lastLeaf: fromBase64Url(textOf(one, "last_leaf")),
      place: integerOf(one, "place"),
      total: integerOf(one, "total"),
      path: pathOf(one),
    });
  }
  return [integerOf(value, "counted"), proofs];
}

const COUNT = ascii("muniment/subject-count/v1\n");

/** Whether the proof shows its count under this root. */
export function checkCount(proof: CountProof, root: Uint8Array): boolean {
  const text = toUtf8(JSON.stringify([proof.subject, proof.entries, toBase64Url(proof.lastLeaf)]));
  if (text === null) throw new Unreadable("UnicodeEncodeError a lone surrogate in a subject");
  return checkInclusion(proof.place, proof.total, leafHash(joined(COUNT, text)), proof.path, root);
}

/** The openings that go with the pack; without the file nothing is opened. */
export function readOpenings(bag: Bag): Opening[] {
  if (!bag.payload.has(OPENINGS)) return [];
  return valuesOf(bag, OPENINGS).map((value) => ({
    number: integerOf(value, "index"),
    subject: textOf(value, "subject"),
    path: textOf(value, "path"),
    salt: fromBase64Url(textOf(value, "salt")),
    value: member(value, "value"),
  }));
}

const COMMITMENT = ascii("muniment/commitment/v1\n");

/** Whether salt and value open the commitment found at this place: origin and subject of the entry, and the path. */
export function opens(commitment: Uint8Array, opening: Opening, origin: string, value: Uint8Array): boolean {
  if (opening.salt.length !== HASH_BYTES) return false;
  const names = [origin, opening.subject, opening.path].map(toUtf8);
  const framed: Uint8Array[] = [];
  for (const name of names) {
    if (name === null || name.length > 0xffff) return false;
    framed.push(Uint8Array.of(name.length >> 8, name.length & 255), name);
  }
  return isSame(sha256(COMMITMENT, opening.salt, ...framed, value), commitment);
}

/** What the inclusion proofs show of a pack's entries, in the order of the entries. */
export function inclusionFaults(
  bag: Bag,
  entries: EntryTable,
  last: Checkpoint,
  advance: (bytes: number) => void,
): Faults {
  const checked = new Checked(entries, last);
  const content = fileOf(bag, INCLUSION);
  const isWhole = content.lines((line) => {
    checked.take(line);
    advance(line.length + 1);
  });
  if (!isWhole) throw new BrokenInput("expected lines that end in a newline", `data/${INCLUSION}`);
  return checked.faults();
}

const NO_PROOF = 0;
const HOLDS = 1;
const FAILS = 2;

/** One proof after another, each checked as it is read; the last of an index counts. */
class Checked {
  private readonly state: Uint8Array;
  private readonly alike = new Map<number, number[]>(); // entries of a number that stands more than once
  private readonly extra = new Set<number>();
  private readonly walk: InclusionWalk;
  private readonly reader = new PathReader();

  constructor(
    private readonly entries: EntryTable,
    private readonly last: Checkpoint,
  ) {
    this.state = new Uint8Array(entries.count);
    this.walk = new InclusionWalk(last);
    for (let at = 0; at < entries.count; at++) {
      const number = entries.number(at);
      if (entries.find(number) !== at) this.alike.set(number, [...(this.alike.get(number) ?? []), at]);
    }
  }

  take(line: Uint8Array): void {
    if (this.reader.read(line)) {
      const path = this.reader.path;
      this.mark(this.reader.index, (number, leaf) => this.walk.check(number, leaf, path));
      return;
    }
    const value = jsonOf(line);
    const index = integerOf(value, "index");
    const path = pathOf(value);
    this.mark(index, (number, leaf) => checkInclusion(number, this.last.size, leaf, path, this.last.root));
  }

  faults(): Faults {
    const faults = new Faults();
    const { entries, last } = this;
    for (let at = 0; at < entries.count; at++) {
      const number = entries.number(at);
      if (this.state[at] === NO_PROOF) faults.add(`entry ${number} has no proof`);
      else if (entries.origin(at) !== last.origin) faults.add(`entry ${number} is of another log`);
      else if (this.state[at] === FAILS)
        faults.add(`entry ${number} is not in the tree of size ${last.size}`);
    }
    for (const number of [...this.extra].sort((left, right) => left - right)) {
      faults.add(`proof of entry ${number}, which is not in the pack`);
    }
    return faults;
  }

  private mark(index: number, holds: (number: number, leaf: Uint8Array) => boolean): void {
    const found = this.entries.find(index);
    if (found === null) {
      this.extra.add(index);
      return;
    }
    for (const at of [found, ...(this.alike.get(index) ?? [])]) {
      this.state[at] = holds(index, this.entries.leaf(at)) ? HOLDS : FAILS;
    }
  }
}

const HEAD = ascii('{"index":');
const MIDDLE = ascii(',"path":[');
const QUOTE = 34;
const COMMA = 44;
const DIGITS = 43; // of a hash in base64url
const NODE = DIGITS + 3; // with its quotes and a comma
const NODES_MAX = 64;

/**
 * Reads lines of the one shape that a line of proofs has, without making a value of it: what a line shares with the end
 * of the line before it, which is most of it where entries are neighbours, was read already.
 */
class PathReader {
  index = 0;
  path: Uint8Array = new Uint8Array(0);

  private readonly nodes = new Uint8Array(NODES_MAX * HASH_BYTES);
  private before: Uint8Array = new Uint8Array(0);
  private count = 0;

  /** Whether the line has that shape, with hashes of 32 bytes; what has not is for the reader of JSON. */
  read(line: Uint8Array): boolean {
    const start = this.start(line);
    const size = line.length - 2 - start; // of the hashes, the line ends in ]}
    const count = (size + 1) / NODE;
    if (start < 0 || line[line.length - 2] !== 93 || line[line.length - 1] !== 125) return this.forget();
    if (size !== 0 && !(Number.isInteger(count) && count <= NODES_MAX)) return this.forget();
    const total = size === 0 ? 0 : count;
    const shared = this.shared(line, total);
    const fresh = new Uint8Array(total * HASH_BYTES);
    for (let node = 0; node < total - shared; node++) {
      const from = start + node * NODE;
      if (node > 0 && line[from - 1] !== COMMA) return this.forget();
      if (line[from] !== QUOTE || line[from + DIGITS + 1] !== QUOTE) return this.forget();
      if (!hashAt(line, from + 1, fresh, node * HASH_BYTES)) return this.forget();
    }
    if (shared > 0 && shared < total && line[start + (total - shared) * NODE - 1] !== COMMA)
      return this.forget();
    const kept = (this.count - shared) * HASH_BYTES;
    fresh.set(this.nodes.subarray(kept, this.count * HASH_BYTES), (total - shared) * HASH_BYTES);
    this.nodes.set(fresh);
    this.count = total;
    this.before = line.slice(start);
    this.path = fresh;
    return true;
  }

  private forget(): false {
    this.before = new Uint8Array(0);
    this.count = 0;
    return false;
  }

  /** Where the hashes begin; -1 when the line begins otherwise. Sets the index. */
  private start(line: Uint8Array): number {
    let at = HEAD.length;
    if (!isAt(line, HEAD, 0)) return -1;
    let index = 0;
    const first = at;
    for (; at - first < 15; at++) {
      const digit = (line[at] as number) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      index = index * 10 + digit;
    }
    if (at === first || (line[first] === 48 && at > first + 1) || !isAt(line, MIDDLE, at)) return -1;
    this.index = index;
    return at + MIDDLE.length;
  }

  /** How many hashes at the end of the line are those at the end of the line before, spelling and all. */
  private shared(line: Uint8Array, total: number): number {
    const { before } = this;
    const most = Math.min(this.count, total);
    const limit = most * NODE + 1; // the hashes without the comma before them, and the end of the line
    let same = 0;
    while (same < limit && line[line.length - 1 - same] === before[before.length - 1 - same]) same += 1;
    return Math.max(0, Math.floor((same - 1) / NODE));
  }
}

function isAt(line: Uint8Array, what: Uint8Array, at: number): boolean {
  for (let place = 0; place < what.length; place++) if (line[at + place] !== what[place]) return false;
  return true;
}

/** Reads 43 characters of base64url into 32 bytes; false when they are none in their one spelling. */
function hashAt(line: Uint8Array, from: number, into: Uint8Array, at: number): boolean {
  let bits = 0;
  let held = 0;
  let to = at;
  for (let place = from; place < from + DIGITS; place++) {
    const value = URL_SAFE_VALUES[line[place] as number] as number;
    if (value === 255) return false;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      into[to++] = (bits >> held) & 255;
    }
  }
  return (bits & ((1 << held) - 1)) === 0;
}
