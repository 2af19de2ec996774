/**
 * One entry held against a signed checkpoint, step by step, and a checkpoint that somebody kept held against a newer one.
 * Nothing is believed that the server says of its own proofs: hashes are computed and signatures verified here.
 */
import { fromBase64Url, isSame } from "./bytes";
import { cosignatureVerifier } from "./cosignature";
import { whyUnreadable } from "./fault";
import { believed, signing } from "./key_statements";
import { checkConsistency, HASH_BYTES, leafHash, nodeHash } from "./merkle";
import {
  type Checkpoint,
  ED25519,
  type Note,
  parseCheckpoint,
  parseNote,
  parseVkey,
  plainVerifier,
  type VerifierKey,
} from "./note";

/** One step from a leaf to the root: the sibling, on which side it stands, and the hash of both. */
export interface Step {
  readonly sibling: Uint8Array;
  readonly isLeft: boolean;
  readonly result: Uint8Array;
}

/** The steps of an inclusion path (RFC 9162 section 2.1.3.2); null when the path does not fit the place. */
export function walkPath(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): readonly Step[] | null {
  if (!(index >= 0 && index < size) || [leaf, ...path].some((hash) => hash.length !== HASH_BYTES))
    return null;
  const steps: Step[] = [];
  let [node, position, last] = [leaf, index, size - 1];
  for (const sibling of path) {
    if (last === 0) return null;
    const isLeft = position % 2 === 1 || position === last;
    node = isLeft ? nodeHash(sibling, node) : nodeHash(node, sibling);
    while (isLeft && position > 0 && position % 2 === 0) {
      position /= 2;
      last = Math.floor(last / 2);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
    steps.push({ sibling, isLeft, result: node });
  }
  return last === 0 ? steps : null;
}

/** A signature line of a checkpoint: whose it is as far as keys are known, and whether it verifies. */
export interface Line {
  readonly name: string;
  readonly keyId: string;
  readonly by: "log" | "witness" | "unknown";
  readonly verdict: "valid" | "wrong" | "not checked";
}

/** Keys to check lines with: what signs for the log, and the witnesses' own. */
export interface Keys {
  readonly log: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
}

/** The lines of a note, each verified where its key is known. */
export function readLines(note: Note, keys: Keys): readonly Line[] {
  return note.signatures.map(({ name, keyId, signature }) => {
    const isTheirs = (key: VerifierKey) => key.name === name && key.keyId === keyId;
    const own = keys.log.find(isTheirs);
    const witness = keys.witnesses.find(isTheirs);
    const key = own ?? witness;
    if (key === undefined) return { name, keyId, by: "unknown", verdict: "not checked" };
    const verifier = key.type === ED25519 ? plainVerifier(key) : cosignatureVerifier(key);
    const isValid = verifier.verify(note.text, signature);
    return { name, keyId, by: own ? "log" : "witness", verdict: isValid ? "valid" : "wrong" };
  });
}

/** A checkpoint read from its note, with its lines. */
export interface ReadCheckpoint extends Checkpoint {
  readonly lines: readonly Line[];
  /** A key of the log signed it, and no line of a known key is wrong. */
  readonly isSigned: boolean;
}

/** The checkpoint of a note; `BrokenInput` for anything else. */
export function readCheckpoint(written: string, keys: Keys): ReadCheckpoint {
  const note = parseNote(written);
  const lines = readLines(note, keys);
  const isSigned =
    lines.some((line) => line.by === "log" && line.verdict === "valid") &&
    lines.every((line) => line.verdict !== "wrong");
  return { ...parseCheckpoint(note.text), lines, isSigned };
}

/** A key of the log as the server lists it. */
export interface Listed {
  readonly vkey: string;
  readonly purpose: string;
  readonly from_size: number;
  readonly to_size: number | null;
  readonly void_from: number | null;
}

/**
 * The keys that may sign checkpoints of this size. With a key given from elsewhere only that one and those it leads to by
 * signed lists; without one those that the server names itself.
 */
export function logKeys(
  size: number,
  pinned: string | null,
  lists: readonly string[],
  listed: readonly Listed[],
): readonly VerifierKey[] {
  if (pinned === null) {
    const signs = (key: Listed) => key.from_size < size && (key.to_size === null || size <= key.to_size);
    const named = listed.filter((key) => signs(key) && (key.void_from === null || size <= key.void_from));
    return named.map((key) => parseVkey(key.vkey));
  }
  const key = parseVkey(pinned.trim());
  return descended(size, key, lists) ?? [key];
}

/** Those that signed lists lead to from the key and that sign at this size; null when no list begins with it. */
function descended(size: number, key: VerifierKey, lists: readonly string[]): readonly VerifierKey[] | null {
  try {
    const list = believed(lists, [key]);
    if (list === null) return null;
    const found = ["commit", "identity", "post-quantum"].flatMap((purpose) =>
      signing(list.keys, size, purpose),
    );
    return found
      .filter((one) => one.voidFrom === null || size <= one.voidFrom)
      .map((one) => parseVkey(one.vkey));
  } catch (error) {
    whyUnreadable(error); // what is no fault of the input is thrown on
    return null;
  }
}

/** The receipt of an entry with its path and bytes, as the server gives it. */
export interface Receipt {
  readonly index: number;
  readonly leaf_hash: string;
  readonly size: number;
  readonly checkpoint: string;
  readonly proof?: readonly string[] | null | undefined;
  readonly bytes?: string | null | undefined;
}

/** What came of checking an entry. */
export interface Checked {
  readonly leaf: Uint8Array;
  /** The bytes have the leaf hash that the server states. */
  readonly isLeaf: boolean;
  readonly steps: readonly Step[] | null;
  /** The path ends in the root hash of the checkpoint, which is for the size the proof is for. */
  readonly isIncluded: boolean;
  readonly checkpoint: ReadCheckpoint;
  readonly isProven: boolean;
}

/** Check an entry against the checkpoint of its receipt; `BrokenInput` for a receipt that cannot be read. */
export function checkEntry(receipt: Receipt, keysAt: (size: number) => Keys): Checked {
  const { size } = parseCheckpoint(parseNote(receipt.checkpoint).text);
  const checkpoint = readCheckpoint(receipt.checkpoint, keysAt(size));
  const leaf = leafHash(fromBase64Url(receipt.bytes ?? ""));
  const isLeaf = isSame(leaf, fromBase64Url(receipt.leaf_hash));
  const path = (receipt.proof ?? []).map(fromBase64Url);
  const steps = walkPath(receipt.index, size, leaf, path);
  const end = steps === null ? null : (steps.at(-1)?.result ?? leaf);
  const isIncluded = end !== null && receipt.size === size && isSame(end, checkpoint.root);
  return {
    leaf,
    isLeaf,
    steps,
    isIncluded,
    checkpoint,
    isProven: isLeaf && isIncluded && checkpoint.isSigned,
  };
}

/** How a kept checkpoint stands to the log: why it is not its beginning, or that it is. */
export type Kept =
  | "consistent"
  | "other log"
  | "log shorter"
  | "no proof"
  | "not consistent"
  | "kept not signed"
  | "now not signed";

/** Whether what was kept is the beginning of what is there now; `path` proves it. */
export function judgeKept(
  kept: ReadCheckpoint,
  now: ReadCheckpoint,
  path: readonly Uint8Array[] | null,
): Kept {
  if (kept.origin !== now.origin) return "other log";
  if (kept.size > now.size) return "log shorter";
  if (path === null) return "no proof";
  const isEmpty = kept.size === 0; // every log begins with nothing
  if (!isEmpty && !checkConsistency(kept, now, path)) return "not consistent";
  if (!kept.isSigned) return "kept not signed";
  return now.isSigned ? "consistent" : "now not signed";
}
