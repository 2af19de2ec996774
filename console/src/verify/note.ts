/** Signed notes, verifier keys and checkpoints (C2SP), as `ledger.note` and `ledger.checkpoint` read them. */
import { ascii, fromBase64, isSame, isSpace, isWellFormed, joined, toBase64, toHex, toUtf8 } from "./bytes";
import { verifyEd25519 } from "./ed25519";
import { BrokenInput, TooLarge } from "./fault";
import { HASH_BYTES } from "./merkle";
import { ML_DSA_44_KEY_BYTES, verifyMlDsa44 } from "./ml_dsa";
import { sha256 } from "./sha256";

/** Types of keys. */
export const ED25519 = 0x01;
export const ED25519_COSIGNATURE = 0x04;
export const ML_DSA_44_COSIGNATURE = 0x06;

const PUBLIC_KEY_BYTES = new Map([
  [ED25519, 32],
  [ED25519_COSIGNATURE, 32],
  [ML_DSA_44_COSIGNATURE, ML_DSA_44_KEY_BYTES],
]);
const KEY_ID_BYTES = 4;
const SIGNATURE_LINES_MAX = 100;
const NOTE_BYTES_MAX = 1_000_000;
const ORIGIN_BYTES_MAX = 255;
const SIZE_DIGITS_MAX = 19;
const DASH = "\u2014 ";
const EMPTY_ROOT = sha256();

/** One line under a note: who says to have signed, with which key, and the signature. */
export interface SignatureLine {
  readonly name: string;
  readonly keyId: string; // hexadecimal
  readonly signature: Uint8Array;
}

/** A text and its signature lines; nothing is said about whether they verify. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** A public key under a name, with the text it was read from. */
export interface VerifierKey {
  readonly name: string;
  readonly keyId: string;
  readonly type: number;
  readonly publicKey: Uint8Array;
  readonly vkey: string;
}

/** A log holds `size` entries under the root hash. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** A known key and how a line of it is checked against the note's text. */
export interface Verifier {
  readonly key: VerifierKey;
  verify(text: string, signature: Uint8Array): boolean;
}

/** As `verify_signature` in Python: Ed25519 or ML-DSA-44, by the length of the public key. */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const verify = publicKey.length === ML_DSA_44_KEY_BYTES ? verifyMlDsa44 : verifyEd25519;
  return verify(publicKey, message, signature);
}

/** A key of type 0x01, which signs the text itself. */
export function plainVerifier(key: VerifierKey): Verifier {
  const verify = (text: string, signature: Uint8Array) =>
    key.type === ED25519 && verifySignature(key.publicKey, ascii(text), signature);
  return { key, verify };
}

/** The verifier key of its text; the key id must be the one that follows from name, type and public key. */
export function parseVkey(text: string): VerifierKey {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw new BrokenInput("expected a verifier key `name+id+key`");
  const [name, identifier] = [text.slice(0, first), text.slice(first + 1, second)];
  const material = fromBase64(text.slice(second + 1));
  const type = material[0];
  if (type === undefined) throw new BrokenInput("expected a type and a public key, found nothing");
  const fault = nameFault(name);
  if (fault !== null) throw new BrokenInput(fault);
  const expected = PUBLIC_KEY_BYTES.get(type);
  const shown = `0x${type.toString(16).padStart(2, "0")}`;
  if (expected === undefined) {
    throw new BrokenInput(`expected a key of type 0x01, 0x04 or 0x06, found ${shown}`);
  }
  if (material.length - 1 !== expected) {
    throw new BrokenInput(`expected a public key of ${expected} bytes, found ${material.length - 1}`);
  }
  const keyId = toHex(sha256(ascii(`${name}\n`), material).subarray(0, KEY_ID_BYTES));
  if (identifier !== keyId) {
    throw new BrokenInput(`expected key id ${keyId} for this key, found \`${identifier.slice(0, 16)}\``);
  }
  return { name, keyId, type, publicKey: material.subarray(1), vkey: text };
}

/** The note of its text: a whole note, or `BrokenInput`. */
export function parseNote(written: string): Note {
  const data = toUtf8(written);
  if (data === null) throw new BrokenInput("expected a note in UTF-8");
  if (data.length > NOTE_BYTES_MAX) {
    throw new TooLarge(`expected a note of at most ${NOTE_BYTES_MAX} bytes, found ${data.length}`);
  }
  if (data.some((octet) => octet < 0x20 && octet !== 10)) {
    throw new BrokenInput("expected no control character but newline");
  }
  const cut = written.lastIndexOf("\n\n");
  if (cut < 0) throw new BrokenInput("expected an empty line between text and signatures");
  const block = written.slice(cut + 2);
  if (!block.endsWith("\n")) throw new BrokenInput("expected signature lines that end in a newline");
  const lines = block.slice(0, -1).split("\n");
  if (lines.length > SIGNATURE_LINES_MAX) {
    throw new TooLarge(`expected at most ${SIGNATURE_LINES_MAX} signature lines, found ${lines.length}`);
  }
  const signatures = lines.map((line, at) => signatureLine(line, `signature ${at + 1}`));
  return { text: written.slice(0, cut + 1), signatures };
}

function signatureLine(line: string, location: string): SignatureLine {
  const parts = line.slice(DASH.length).split(" ");
  const [name, encoded] = parts;
  if (!line.startsWith(DASH) || parts.length !== 2 || name === undefined || encoded === undefined) {
    throw new BrokenInput("expected a dash, a key name and a signature", location);
  }
  const fault = nameFault(name);
  if (fault !== null) throw new BrokenInput(fault, location);
  const data = fromBase64(encoded, location);
  if (data.length <= KEY_ID_BYTES) throw new BrokenInput("expected a key id and a signature", location);
  return { name, keyId: toHex(data.subarray(0, KEY_ID_BYTES)), signature: data.subarray(KEY_ID_BYTES) };
}

function nameFault(name: string): string | null {
  if (name === "") return "expected a key name, found nothing";
  if ([...name].some(isSpace) || name.includes("+") || !isWellFormed(name) || hasControl(name)) {
    return "expected a key name without space, `+`, control character or lone surrogate";
  }
  return null;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20) return true;
  return false;
}

/** An opened note: its text, and the ids of the keys that signed it. */
export interface Opened {
  readonly text: string;
  readonly keyIds: ReadonlySet<string>;
}

/** The note, once at least one of `verifiers` signed it and none of theirs is wrong; else `BrokenInput`. */
export function openNote(written: string, verifiers: readonly Verifier[]): Opened {
  const known = new Map<string, Verifier>();
  for (const verifier of verifiers) {
    const id = `${verifier.key.name} ${verifier.key.keyId}`;
    if (known.has(id)) {
      throw new BrokenInput(`expected one verifier for each key, found two for \`${verifier.key.name}\``);
    }
    known.set(id, verifier);
  }
  const note = parseNote(written);
  const seen = new Set<string>();
  const keyIds = new Set<string>();
  for (const line of note.signatures) {
    const id = `${line.name} ${line.keyId}`;
    const verifier = known.get(id);
    if (verifier === undefined) continue;
    if (seen.has(id)) {
      throw new BrokenInput(`expected one signature of each known key, found two of \`${line.name}\``);
    }
    seen.add(id);
    if (!verifier.verify(note.text, line.signature)) {
      throw new BrokenInput(`expected a signature of \`${line.name}\`, found one that does not verify`);
    }
    keyIds.add(line.keyId);
  }
  if (keyIds.size === 0) throw new BrokenInput("expected a signature of a known key, found none");
  return { text: note.text, keyIds };
}

/** The checkpoint of its text; any other text is `BrokenInput`. Sizes above 2^53 - 1 are refused here. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  const [origin, size, root, rest] = lines as [string, string, string, string];
  if (lines.length !== 4 || rest !== "") {
    throw new BrokenInput(`expected three lines that end in a newline, found ${lines.length - 1}`);
  }
  if (!/^[0-9]+$/.test(size) || size.length > SIZE_DIGITS_MAX) {
    throw new BrokenInput("expected a size in decimal", "line 2");
  }
  let hash: Uint8Array;
  try {
    hash = fromBase64(root);
  } catch {
    throw new BrokenInput("expected a root hash in base64", "line 3");
  }
  const checkpoint = { origin, size: Number(size), root: hash };
  const fault = checkpointFault(checkpoint);
  if (fault !== null) throw new BrokenInput(fault);
  if (`${origin}\n${checkpoint.size}\n${toBase64(hash)}\n` !== text) {
    throw new BrokenInput("expected a checkpoint in its canonical spelling");
  }
  return checkpoint;
}

function checkpointFault({ origin, size, root }: Checkpoint): string | null {
  const data = toUtf8(origin);
  if (origin === "" || data === null || hasControl(origin)) {
    return "expected an origin, not empty and without control characters";
  }
  if (data.length > ORIGIN_BYTES_MAX) return `expected an origin of at most ${ORIGIN_BYTES_MAX} bytes`;
  if (!Number.isSafeInteger(size)) return `expected a size from 0 to 2^53 - 1, found ${size}`;
  if (root.length !== HASH_BYTES) return `expected a root hash of ${HASH_BYTES} bytes, found ${root.length}`;
  if (size === 0 && !isSame(root, EMPTY_ROOT)) return "expected the root hash of the empty tree at size 0";
  return null;
}

/** The bytes an envelope's signature covers: "DSSEv1 <length> <type> <length> <payload>". */
export function preAuthentication(type: string, payload: Uint8Array): Uint8Array {
  const kind = ascii(type);
  return joined(ascii(`DSSEv1 ${kind.length} `), kind, ascii(` ${payload.length} `), payload);
}
