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
  const isWhole = content.lines((line, _, text) => {
    checked.take(line, text);
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
  private isBeforeChecked = false;

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

  take(line: Uint8Array, text: string | null): void {
    if (text !== null && this.reader.read(text)) {
      const { path } = this.reader;
      // Shared with the path of the line before: with what was checked last, when that line was checked.
      let shared = this.isBeforeChecked ? this.reader.shared : 0;
      this.isBeforeChecked = false;
      this.mark(this.reader.index, (number, leaf) => {
        const holds = this.walk.check(number, leaf, path, shared);
        shared = path.length / HASH_BYTES;
        this.isBeforeChecked = true;
        return holds;
      });
      return;
    }
    this.isBeforeChecked = false;
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
    this.state[found] = holds(index, this.entries.leaf(found)) ? HOLDS : FAILS;
    if (this.alike.size === 0) return;
    for (const at of this.alike.get(index) ?? []) {
      this.state[at] = holds(index, this.entries.leaf(at)) ? HOLDS : FAILS;
    }
  }
}

const HEAD = '{"index":';
const MIDDLE = ',"path":[';
const QUOTE = 34;
const COMMA = 44;
const DIGITS = 43; // of a hash in base64url
const NODE = DIGITS + 3; // with its quotes and a comma
const NODES_MAX = 64;

/**
 * Reads lines of the one shape that a line of proofs has, without making a value of it. Neighbours have all siblings in
 * common from where their ways to the root meet: what a line shares with the end of the line before it, spelling and all,
 * which is most of it, was read already.
 */
class PathReader {
  index = 0;
  /** How many hashes at the end of the path are those at the end of the path that was read before. */
  shared = 0;

  private readonly nodes = new Uint8Array(NODES_MAX * HASH_BYTES); // of the last line, at the end
  private before = ""; // its hashes and how it ends
  private beforeIndex = 0;
  private count = 0;

  /** The hashes side by side; good until the next line. */
  get path(): Uint8Array {
    return this.nodes.subarray((NODES_MAX - this.count) * HASH_BYTES);
  }

  /** Whether the line has that shape, with hashes of 32 bytes; what has not is for the reader of JSON. */
  read(line: string): boolean {
    const start = this.start(line);
    const size = line.length - 2 - start; // of the hashes, the line ends in ]}
    const total = size === 0 ? 0 : (size + 1) / NODE;
    if (start < 0 || !line.endsWith("]}") || !Number.isInteger(total) || total > NODES_MAX)
      return this.forget();
    this.shared = this.sharedWith(line, start, total);
    const fresh = total - this.shared;
    for (let node = 0; node < fresh; node++) {
      const from = start + node * NODE;
      if (node > 0 && line.charCodeAt(from - 1) !== COMMA) return this.forget();
      if (line.charCodeAt(from) !== QUOTE || line.charCodeAt(from + DIGITS + 1) !== QUOTE)
        return this.forget();
      if (!hashAt(line, from + 1, this.nodes, (NODES_MAX - total + node) * HASH_BYTES)) return this.forget();
    }
    if (fresh > 0 && this.shared > 0 && line.charCodeAt(start + fresh * NODE - 1) !== COMMA)
      return this.forget();
    this.count = total;
    this.before = line.slice(start);
    this.beforeIndex = this.index;
    return true;
  }

  private forget(): false {
    this.before = "";
    this.count = 0;
    return false;
  }

  /** Where the hashes begin; -1 when the line begins otherwise. Sets the index. */
  private start(line: string): number {
    if (!line.startsWith(HEAD)) return -1;
    const first = HEAD.length;
    let at = first;
    let index = 0;
    for (; at - first < 15; at++) {
      const digit = line.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      index = index * 10 + digit;
    }
    if (at === first || (line[first] === "0" && at > first + 1) || !line.startsWith(MIDDLE, at)) return -1;
    this.index = index;
    return at + MIDDLE.length;
  }

  /** As many hashes as two such places of a tree can share, if the lines do end in the same; else none. */
  private sharedWith(line: string, start: number, total: number): number {
    const apart = Math.floor(this.index / 2 ** 31) === Math.floor(this.beforeIndex / 2 ** 31);
    const own = apart ? 32 - Math.clz32(this.index ^ this.beforeIndex) : NODES_MAX;
    const shared = Math.min(this.count, total - own);
    if (shared <= 0) return 0;
    const end = this.before.slice((this.count - shared) * NODE);
    return line.slice(start + (total - shared) * NODE) === end ? shared : 0;
  }
}

/** Reads 43 characters of base64url into 32 bytes; false when they are none in their one spelling. */
function hashAt(line: string, from: number, into: Uint8Array, at: number): boolean {
  let bits = 0;
  let held = 0;
  let to = at;
  for (let place = from; place < from + DIGITS; place++) {
    const value = URL_SAFE_VALUES[line.charCodeAt(place)] as number;
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
