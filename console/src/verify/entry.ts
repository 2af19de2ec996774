/**
 * The entries of a pack, read once in order: each is canonical, hashed, and held against the one before it. Of an entry
 * only its number, leaf hash, subject and place in the file are kept; what is asked for again is read again.
 */
import { fromBase64Url, isSame } from "./bytes";
import { decode, decodeText } from "./canonical";
import { chainHash } from "./chain";
import { BrokenInput, isObject, type Json, type JsonObject, member, Unreadable } from "./fault";
import { KEY_KINDS } from "./log_keys";
import { HASH_BYTES } from "./merkle";
import { ENTRIES } from "./pack";
import { Sha256 } from "./sha256";
import type { Stretch } from "./source";
import { Faults } from "./told";

const LEAF = Uint8Array.of(0);
const ROOM = 1024;

/** An entry that says something of keys. */
export interface KeyEntry {
  readonly number: number;
  readonly kind: string;
  readonly payload: Json;
}

/** The entries of a pack in the order of the file. */
export class EntryTable {
  readonly keyEntries: KeyEntry[] = [];
  readonly order = new Faults();
  /** Why neighbours could not be held against each other to the end. */
  orderStopped: unknown = null;
  /** Why it cannot be said which entries name keys. */
  keysStopped: unknown = null;
  count = 0;

  private numbers = new Float64Array(ROOM);
  private places = new Float64Array(ROOM);
  private sizes = new Float64Array(ROOM);
  private leaves = new Uint8Array(ROOM * HASH_BYTES);
  private subjectOf = new Int32Array(ROOM);
  private subjectIndexes = new Float64Array(ROOM);
  private origins = new Int32Array(ROOM);
  private readonly names: string[] = [];
  private readonly ids = new Map<string, number>();
  private last: Map<number, number> | null = null; // number -> the last entry that bears it; null while they count up by one
  private readonly digest = new Sha256();
  private before: JsonObject | null = null;
  private prev: Uint8Array | null = null; // of the entry before, when it could be read

  constructor(
    private readonly content: Stretch,
    advance: (bytes: number) => void,
  ) {
    const isWhole = content.lines((line, from, text) => {
      this.take(line, from, text);
      advance(line.length + 1);
    });
    if (!isWhole) throw new BrokenInput("expected lines that end in a newline", `data/${ENTRIES}`);
    if (this.count === 0) throw new BrokenInput("expected entries, found none", ENTRIES);
    this.keyEntries.sort((left, right) => left.number - right.number);
  }

  number(at: number): number {
    return this.numbers[at] as number;
  }

  leaf(at: number): Uint8Array {
    return this.leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  }

  /** The `origin` an entry states; null when that is no text. */
  origin(at: number): string | null {
    return this.names[this.origins[at] as number] ?? null;
  }

  /** The subject of an entry; `Unreadable` when it states none. */
  subject(at: number): string {
    const name = this.names[this.subjectOf[at] as number];
    if (name === undefined) throw new Unreadable("KeyError 'subject'");
    return name;
  }

  /** The subject index of an entry; `Unreadable` when it states none. */
  subjectIndex(at: number): number {
    const index = this.subjectIndexes[at] as number;
    if (Number.isNaN(index)) throw new Unreadable("KeyError 'subject_index'");
    return index;
  }

  /** The entry of this number, the last where there are several; null when there is none. */
  find(number: number): number | null {
    if (this.last !== null) return this.last.get(number) ?? null;
    const at = number - this.number(0);
    return at >= 0 && at < this.count ? at : null;
  }

  /** The value of an entry, read again. */
  value(at: number): JsonObject {
    const from = this.places[at] as number;
    return decode(this.content.part(from, from + (this.sizes[at] as number))) as JsonObject;
  }

  /** The entries, one for each number, by number. */
  inOrder(): number[] {
    if (this.last === null) return Array.from({ length: this.count }, (_, at) => at);
    return [...this.last].sort(([left], [right]) => left - right).map(([, at]) => at);
  }

  private take(line: Uint8Array, from: number, text: string | null): void {
    const value = this.decoded(line, text);
    const number = isObject(value) ? value.index : null;
    if (!isObject(value) || typeof number !== "number") {
      throw new BrokenInput("expected an entry", `${ENTRIES}:${this.count + 1}`);
    }
    const at = this.count++;
    if (at === this.numbers.length) this.grow();
    this.numbers[at] = number;
    this.places[at] = from;
    this.sizes[at] = line.length;
    this.digest
      .reset()
      .update(LEAF)
      .update(line)
      .digest(this.leaves, at * HASH_BYTES);
    this.origins[at] = this.idOf(value.origin);
    this.subjectOf[at] = this.idOf(value.subject);
    const index = value.subject_index;
    this.subjectIndexes[at] = typeof index === "number" ? index : Number.NaN;
    this.note(number, at);
    this.takeKeys(number, value);
    if (this.orderStopped === null) this.follow(at, value);
  }

  /** Remember where a number stands; most packs hold one entry after another, and need no table of them. */
  private note(number: number, at: number): void {
    if (this.last === null) {
      if (number === this.number(0) + at) return;
      this.last = new Map();
      for (let before = 0; before < at; before++) this.last.set(this.number(before), before);
    }
    this.last.set(number, at);
  }

  private decoded(line: Uint8Array, text: string | null): Json {
    try {
      return text === null ? decode(line) : decodeText(text, line.length);
    } catch (error) {
      if (error instanceof BrokenInput) throw new BrokenInput(error.reason, `${ENTRIES}:${this.count + 1}`);
      throw error;
    }
  }

  private takeKeys(number: number, value: JsonObject): void {
    if (this.keysStopped !== null) return;
    try {
      const kind = member(value, "kind");
      if (typeof kind === "string" && KEY_KINDS.has(kind)) {
        this.keyEntries.push({ number, kind, payload: member(value, "payload") });
      }
    } catch (error) {
      this.keysStopped = error;
    }
  }

  /** Hold an entry against the one before it. */
  private follow(at: number, value: JsonObject): void {
    const before = this.before;
    const prevBefore = this.prev;
    this.before = value;
    this.prev = hashOf(value.prev);
    if (before === null) return;
    try {
      const [number, last] = [this.number(at), this.number(at - 1)];
      if (number <= last) this.order.add(`entry ${number} stands after entry ${last}`);
      if (timeOf(value) < timeOf(before)) this.order.add(`entry ${number} was recorded before entry ${last}`);
      if (number !== last + 1) return;
      const chain = chainHash(prevBefore ?? unreadHash(before), this.leaf(at - 1));
      if (this.prev === null) member(value, "prev");
      if (this.prev === null || !isSame(this.prev, chain)) {
        this.order.add(`entry ${number} does not follow entry ${last} in the chain`);
      }
    } catch (error) {
      this.orderStopped = error;
    }
  }

  private idOf(name: Json | undefined): number {
    if (typeof name !== "string") return -1;
    const known = this.ids.get(name);
    if (known !== undefined) return known;
    this.ids.set(name, this.names.length);
    return this.names.push(name) - 1;
  }

  private grow(): void {
    const room = 2 * this.numbers.length;
    const wider = (held: Float64Array<ArrayBuffer>) => {
      const grown = new Float64Array(room);
      grown.set(held);
      return grown;
    };
    this.numbers = wider(this.numbers);
    this.places = wider(this.places);
    this.sizes = wider(this.sizes);
    this.subjectIndexes = wider(this.subjectIndexes);
    const [leaves, subjects, origins] = [
      new Uint8Array(room * HASH_BYTES),
      new Int32Array(room),
      new Int32Array(room),
    ];
    leaves.set(this.leaves);
    subjects.set(this.subjectOf);
    origins.set(this.origins);
    this.leaves = leaves;
    this.subjectOf = subjects;
    this.origins = origins;
  }
}

function hashOf(value: Json | undefined): Uint8Array | null {
  if (typeof value !== "string") return null;
  try {
    return fromBase64Url(value);
  } catch (error) {
    if (error instanceof BrokenInput) return null;
    throw error;
  }
}

/** Throws what is wrong with a `prev` that could not be read. */
function unreadHash(value: JsonObject): never {
  const found = member(value, "prev");
  if (typeof found === "string") fromBase64Url(found);
  throw new Unreadable("TypeError expected text in `prev`");
}

function timeOf(value: JsonObject): string {
  const found = member(value, "recorded_at");
  if (typeof found !== "string") throw new Unreadable("TypeError expected text in `recorded_at`");
  return found;
}

/** The commitments that stand in an entry's value, as base64url. */
export function commitmentsIn(value: Json): Set<string> {
  const found = new Set<string>();
  const waiting: Json[] = [value];
  for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) {
    if (Array.isArray(item)) waiting.push(...item);
    else if (isObject(item)) {
      const commitment = Object.hasOwn(item, "$commitment") ? item.$commitment : null;
      if (typeof commitment === "string")
        found.add(commitment.slice(commitment.indexOf(".") + 1 || commitment.length));
      else waiting.push(...Object.values(item));
    }
  }
  return found;
}
