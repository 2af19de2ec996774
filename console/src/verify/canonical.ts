/**
 * Canonical bytes: accepts what `ledger.verify.canonical.decode` accepts. Domain (RFC 8785, profiled down): null,
 * booleans, integers within +-(2^53 - 1), strings without lone surrogates, lists, objects with ASCII keys, at most 64
 * levels, printed in one way.
 *
 * The platform's parser and printer do the work where what they print is what was read; an object of JavaScript puts
 * members named like numbers first, so what they do not print back is printed by us before it is refused.
 */
import { fromUtf8, isWellFormed } from "./bytes";
import { BrokenInput, isObject, type Json, type JsonObject } from "./fault";

const DEPTH_MAX = 64;
const NESTING_MAX = 900; // about what the parser of Python takes; deeper is refused before it is walked

/** The value of canonical bytes; anything that does not print back to the same bytes is `BrokenInput`. */
export function decode(data: Uint8Array): Json {
  const text = fromUtf8(data);
  if (text === null) throw new BrokenInput("expected canonical JSON");
  return decodeText(text, data.length);
}

/** `decode` of a text that was made of so many bytes. */
export function decodeText(text: string, size: number): Json {
  const [value, fault, depth] = parsed(text);
  if (fault === "none") throw new BrokenInput("expected canonical JSON");
  if (fault === "spelling") throw new BrokenInput("expected canonical JSON, found another spelling of it");
  if (text.length !== size || depth > DEPTH_MAX) checkShape(value, 0);
  return value;
}

/** The value of a JSON file of a pack, given without its final newline; another spelling is `BrokenInput`. */
export function readJson(text: string): Json {
  const [value, fault] = parsed(text);
  if (fault === "none") throw new BrokenInput("expected JSON");
  if (fault === "spelling") throw new BrokenInput("expected JSON in its one spelling");
  return value;
}

/** The canonical text of a value that was decoded, or of a part of one. */
export function encode(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort(byCodePoint);
  return `{${members.map((name) => `${JSON.stringify(name)}:${encode(value[name] as Json)}`).join(",")}}`;
}

type Fault = "" | "none" | "spelling";

function parsed(text: string): readonly [Json, Fault, number] {
  const found: Walked = { depth: 0, isSorted: true };
  let value: Json;
  let printed: string;
  try {
    value = JSON.parse(text) as Json;
    printed = JSON.stringify(value);
  } catch {
    return [null, "none", 0];
  }
  if (!isWithin(value, 0, found)) return [null, "none", 0];
  if (text.includes("\\u") && !hasWholeTexts(value)) return [null, "none", 0];
  const isPlain = printed === text && found.isSorted;
  if (isPlain || encode(value) === text) return [value, "", found.depth];
  return [null, hasFraction(text) ? "none" : "spelling", 0];
}

/** Whether a number is written with a point or an exponent: 1.0 is no integer, although a double holds it as one. */
function hasFraction(text: string): boolean {
  return /[0-9][.eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ""));
}

/** What one walk over a value finds. */
interface Walked {
  depth: number;
  isSorted: boolean;
}

/** Whether all numbers are integers that a double holds, and nothing lies too deep to be walked. */
function isWithin(value: Json, level: number, found: Walked): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  if (level >= NESTING_MAX) return false;
  if (level >= found.depth) found.depth = level + 1;
  if (Array.isArray(value)) return value.every((item) => isWithin(item, level + 1, found));
  let last = "";
  let isFirst = true;
  for (const name in value) {
    if (!isFirst && byCodePoint(last, name) >= 0) found.isSorted = false;
    isFirst = false;
    last = name;
    if (!isWithin(value[name] as Json, level + 1, found)) return false;
  }
  return true;
}

function hasWholeTexts(value: Json): boolean {
  if (typeof value === "string") return isWellFormed(value);
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(hasWholeTexts);
  return Object.entries(value).every(([name, one]) => isWellFormed(name) && hasWholeTexts(one));
}

/** Texts in the order of their code points, which is that of their UTF-8 bytes. */
export function byCodePoint(left: string, right: string): number {
  const size = Math.min(left.length, right.length);
  for (let at = 0; at < size; at++) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a === b) continue;
    const isSurrogate = (a & 0xf800) === 0xd800 || (b & 0xf800) === 0xd800;
    if (!isSurrogate) return a - b;
    return (a >= 0xd800 && a < 0xe000 ? a + 0x10000 : a) - (b >= 0xd800 && b < 0xe000 ? b + 0x10000 : b);
  }
  return left.length - right.length;
}

function checkShape(value: Json, depth: number): void {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) checkKeys(value);
  if (depth >= DEPTH_MAX) throw new BrokenInput(`expected at most ${DEPTH_MAX} levels of nesting`);
  for (const member of Array.isArray(value) ? value : Object.values(value)) checkShape(member, depth + 1);
}

function checkKeys(value: JsonObject): void {
  for (const name in value) {
    for (let at = 0; at < name.length; at++) {
      if (name.charCodeAt(at) > 127) throw new BrokenInput("expected object keys in ASCII");
    }
  }
}
