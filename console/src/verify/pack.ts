/** The bag in a pack and its signed manifest, as `ledger.pack` and `ledger.dsse` read them. */
import { ascii, fromBase64, fromUtf8, isSpace, toHex } from "./bytes";
import { byCodePoint, readJson } from "./canonical";
import { BrokenInput, isObject, type Json, type JsonObject, member, TooLarge } from "./fault";
import { preAuthentication } from "./note";
import { sha256 } from "./sha256";
import type { Source } from "./source";
import { type PackedFile, readZip } from "./zip";

export const ENTRIES = "records/entries.jsonl";
export const OPENINGS = "records/openings.jsonl";
export const CHECKPOINTS = "proofs/checkpoints.jsonl";
export const INCLUSION = "proofs/inclusion.jsonl";
export const CONSISTENCY = "proofs/consistency.jsonl";
export const COMPLETENESS = "proofs/completeness.json";
export const VERIFIER = "verify/verify.py";

const MANIFEST = "data/manifest.dsse.json";
const IN_TOTO = "application/vnd.in-toto+json";
const STATEMENT = "https://in-toto.io/Statement/v1";
const PREDICATE = "https://muniment.example/evidence-pack/v1";
const ENVELOPE_BYTES_MAX = 16 << 20;
const SIGNATURES_MAX = 100;
const BAGIT = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/** A bag as read: its name, the files under data/ by their name without the prefix, and its tag files. */
export interface Bag {
  readonly name: string;
  readonly payload: ReadonlyMap<string, PackedFile>;
  readonly tags: ReadonlyMap<string, PackedFile>;
}

/** The signed manifest: the bytes its signatures cover, the signatures, and the payload not parsed yet. */
export interface Envelope {
  readonly message: Uint8Array;
  readonly payload: Uint8Array;
  readonly signatures: readonly Uint8Array[];
}

/** The bag in a zip; whether its manifests fit is `bagFaults`'s question. */
export function readBag(source: Source, advance: (bytes: number) => void): Bag {
  const files = readZip(source, advance);
  const roots = new Set([...files.keys()].map((name) => name.split("/", 1)[0] as string));
  const [root] = roots;
  if (roots.size !== 1 || root === undefined) throw new BrokenInput("expected one bag in the pack");
  const payload = new Map<string, PackedFile>();
  const tags = new Map<string, PackedFile>();
  for (const [name, file] of files) {
    const bare = name.slice(root.length + 1);
    if (bare.startsWith("data/")) payload.set(bare.slice(5), file);
    else tags.set(bare, file);
  }
  if (!payload.has(MANIFEST.slice(5))) throw new BrokenInput("expected a manifest in the pack", MANIFEST);
  return { name: root, payload, tags };
}

/** The envelope of the pack's manifest; nothing is said about whether it verifies. */
export function readEnvelope(bag: Bag): Envelope {
  const file = bag.payload.get(MANIFEST.slice(5)) as PackedFile;
  if (file.content.size > ENVELOPE_BYTES_MAX) {
    throw new TooLarge(`expected an envelope of at most ${ENVELOPE_BYTES_MAX} bytes`);
  }
  const text = fromUtf8(file.content.whole());
  if (text === null) throw new BrokenInput("expected a DSSE envelope");
  const value = text.endsWith("\n") ? readJson(text.slice(0, -1)) : null;
  const listed = isObject(value) ? value.signatures : null;
  const type = isObject(value) ? value.payloadType : null;
  const body = isObject(value) ? value.payload : null;
  if (!isObject(value) || typeof type !== "string" || typeof body !== "string" || !Array.isArray(listed)) {
    throw new BrokenInput("expected a DSSE envelope");
  }
  if (listed.length < 1 || listed.length > SIGNATURES_MAX || ascii(type).length > 255) {
    throw new BrokenInput(`expected a payload type and 1 to ${SIGNATURES_MAX} signatures in the envelope`);
  }
  const signatures = listed.map(signatureOf);
  const payload = bytesOf(body);
  if (type !== IN_TOTO || Object.keys(value).length !== 3) {
    throw new BrokenInput("expected a DSSE envelope of an in-toto statement", MANIFEST);
  }
  return { message: preAuthentication(type, payload), payload, signatures };
}

function signatureOf(value: Json): Uint8Array {
  const [hint, signature] = isObject(value) ? [value.keyid ?? "", value.sig] : [null, null];
  if (typeof hint !== "string" || typeof signature !== "string")
    throw new BrokenInput("expected a DSSE envelope");
  return bytesOf(signature);
}

/** Either alphabet with padding, each alone, as the protocol asks. */
function bytesOf(text: string): Uint8Array {
  try {
    if (/[-_]/.test(text) && /[+/]/.test(text)) throw new BrokenInput("expected one alphabet");
    return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch (error) {
    if (error instanceof BrokenInput) throw new BrokenInput("expected a DSSE envelope");
    throw error;
  }
}

/** What the manifest states: the predicate, and name and digest of each file. */
export interface Statement {
  readonly predicate: JsonObject;
  readonly listed: ReadonlyMap<string, string>;
}

/** The statement of an envelope's payload; `BrokenInput` when it is none of ours. */
export function readStatement(payload: Uint8Array): Statement {
  const text = fromUtf8(payload);
  if (text === null) throw new BrokenInput("expected JSON");
  if (!text.endsWith("\n")) throw new BrokenInput("expected JSON in its one spelling");
  const value = readJson(text.slice(0, -1));
  const refused = new BrokenInput("expected an in-toto statement about an evidence pack", MANIFEST);
  if (!isObject(value) || !hasExactly(value, ["_type", "predicate", "predicateType", "subject"]))
    throw refused;
  const { _type: type, predicateType, predicate, subject } = value as Record<string, Json>;
  if (type !== STATEMENT || predicateType !== PREDICATE || !isObject(predicate ?? null)) throw refused;
  const about = predicate as JsonObject;
  if (["organisation", "pack_id", "built_at", "recipient"].some((name) => !Object.hasOwn(about, name)))
    throw refused;
  if (!Array.isArray(subject)) throw refused;
  const listed = new Map<string, string>();
  for (const one of subject) {
    const digest = isObject(one) && hasExactly(one, ["digest", "name"]) ? one.digest : null;
    const hash = isObject(digest ?? null) ? (digest as JsonObject).sha256 : null;
    const name = isObject(one) ? one.name : null;
    if (typeof name !== "string" || typeof hash !== "string") throw refused;
    listed.set(name, hash);
  }
  return { predicate: about, listed };
}

function hasExactly(value: JsonObject, names: readonly string[]): boolean {
  return Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

/** Where files and manifests differ: what is missing, added or altered. Empty when the pack is intact. */
export function bagFaults(bag: Bag, statement: Statement): string[] {
  const stated = new Map([...bag.payload].map(([name, file]) => [`data/${name}`, toHex(file.sha256)]));
  const sums = [...stated].sort(([left], [right]) => byCodePoint(left, right));
  stated.delete(MANIFEST);
  const { listed, predicate } = statement;
  const both = [...stated.keys()].filter((name) => listed.has(name));
  const faults = [
    ...sorted([...stated.keys()].filter((name) => !listed.has(name))).map(
      (name) => `${name}: not in the signed manifest`,
    ),
    ...sorted([...listed.keys()].filter((name) => !stated.has(name))).map((name) => `${name}: missing`),
    ...sorted(both.filter((name) => stated.get(name) !== listed.get(name))).map((name) => `${name}: altered`),
  ];
  const expected = tagFiles(bag, predicate, sums.map(([name, hash]) => `${hash}  ${name}\n`).join(""));
  faults.push(
    ...sorted([...bag.tags.keys()].filter((name) => !expected.has(name))).map(
      (name) => `${name}: not part of a bag`,
    ),
  );
  faults.push(
    ...sorted([...expected.keys()].filter((name) => !bag.tags.has(name))).map((name) => `${name}: missing`),
  );
  for (const name of sorted([...expected.keys()])) {
    const file = bag.tags.get(name);
    if (file !== undefined && toHex(file.sha256) !== toHex(sha256(ascii(expected.get(name) as string)))) {
      faults.push(`${name}: does not fit the files`);
    }
  }
  return faults;
}

/** bagit.txt, bag-info.txt and the two manifests of files under data/, as they follow from what is there. */
function tagFiles(bag: Bag, predicate: JsonObject, manifest: string): Map<string, string> {
  let octets = 0;
  for (const file of bag.payload.values()) octets += file.content.size;
  const info = [
    ["Source-Organization", printed(member(predicate, "organisation"))],
    ["External-Identifier", printed(member(predicate, "pack_id"))],
    ["Bagging-Date", [...printed(member(predicate, "built_at"))].slice(0, 10).join("")],
    ["Payload-Oxum", `${octets}.${bag.payload.size}`],
    ["Recipient", printed(member(predicate, "recipient"))],
  ] as const;
  const tags = new Map([
    ["bag-info.txt", info.map(([label, value]) => `${label}: ${oneLine(value)}\n`).join("")],
    ["bagit.txt", BAGIT],
    ["manifest-sha256.txt", manifest],
  ]);
  const sums = [...tags].map(([name, text]) => `${toHex(sha256(ascii(text)))}  ${name}\n`);
  return tags.set("tagmanifest-sha256.txt", sums.join(""));
}

function oneLine(value: string): string {
  const plain = [...value].map((char) => (isSpace(char) ? " " : char)).join("");
  return plain
    .split(" ")
    .filter((word) => word !== "")
    .join(" ");
}

/** A value as Python prints it; lists and objects, which the writer never has there, are printed in their own way. */
function printed(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string"
    ? value
    : typeof value === "number"
      ? String(value)
      : JSON.stringify(value);
}

function sorted(names: string[]): string[] {
  return names.sort(byCodePoint);
}
