/** Bytes and their spellings: UTF-8, base64, base64url, hexadecimal. All strict: one value has one spelling. */
import { BrokenInput } from "./fault";

const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = `${STANDARD.slice(0, 62)}-_`;
const STANDARD_VALUES = valuesOf(STANDARD);

/** Value of each octet as a character of base64url, 255 for all others. */
export const URL_SAFE_VALUES = valuesOf(URL_SAFE);

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(256).fill(255);
  for (let at = 0; at < 64; at++) values[alphabet.charCodeAt(at)] = at;
  return values;
}

/** The text of UTF-8 bytes; null when they are none. A byte order mark is kept as a character. */
export function fromUtf8(data: Uint8Array): string | null {
  try {
    return UTF8.decode(data);
  } catch {
    return null;
  }
}

/** The UTF-8 bytes of a text; null when it holds a lone surrogate, which has none. */
export function toUtf8(text: string): Uint8Array | null {
  return isWellFormed(text) ? ENCODER.encode(text) : null;
}

/** The bytes of a text that is known to be plain. */
export function ascii(text: string): Uint8Array {
  return ENCODER.encode(text);
}

/** Whether a text holds no lone surrogate. */
export function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if ((unit & 0xf800) !== 0xd800) continue;
    const next = unit < 0xdc00 ? text.charCodeAt(at + 1) : 0;
    if ((next & 0xfc00) !== 0xdc00) return false;
    at += 1;
  }
  return true;
}

const SPACES = "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000";

/** Whether Python takes the character for white space; the platform's own idea of it differs. */
export function isSpace(char: string): boolean {
  const unit = char.charCodeAt(0);
  const isPlain = (unit >= 9 && unit <= 13) || (unit >= 0x1c && unit <= 0x20);
  return isPlain || (unit >= 0x2000 && unit <= 0x200a) || SPACES.includes(char);
}

/** Whether two runs of bytes are the same. */
export function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at++) if (left[at] !== right[at]) return false;
  return true;
}

/** One run of bytes after another. */
export function joined(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Lower case hexadecimal. */
export function toHex(data: Uint8Array): string {
  let text = "";
  for (const octet of data) text += octet.toString(16).padStart(2, "0");
  return text;
}

/** An unsigned integer in eight bytes, big-endian. */
export function u64(value: number): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setBigUint64(0, BigInt(value));
  return data;
}

function encoded(data: Uint8Array, alphabet: string): string {
  let text = "";
  for (let at = 0; at < data.length; at += 3) {
    const left = data.length - at;
    const bits = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    text += alphabet.charAt(bits >> 18) + alphabet.charAt((bits >> 12) & 63);
    if (left > 1) text += alphabet.charAt((bits >> 6) & 63);
    if (left > 2) text += alphabet.charAt(bits & 63);
  }
  return text;
}

/** The bytes of text without padding; null for other characters, a loose last bit or an impossible length. */
function decoded(text: string, values: Uint8Array): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let to = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const value = unit < 256 ? (values[unit] ?? 255) : 255;
    if (value === 255) return null;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      data[to++] = (bits >> held) & 255;
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? data : null;
}

/** base64url without padding (RFC 4648 section 5). */
export function toBase64Url(data: Uint8Array): string {
  return encoded(data, URL_SAFE);
}

/** The one inverse of `toBase64Url`; `BrokenInput` for anything else. */
export function fromBase64Url(text: string): Uint8Array {
  const data = decoded(text, URL_SAFE_VALUES);
  if (data === null) throw new BrokenInput("expected base64url without padding");
  return data;
}

/** Base64 of RFC 4648 section 4, with padding. */
export function toBase64(data: Uint8Array): string {
  const text = encoded(data, STANDARD);
  return text.padEnd(Math.ceil(text.length / 4) * 4, "=");
}

/** The bytes of canonical base64; `BrokenInput` for other alphabets, white space and loose trailing bits. */
export function fromBase64(text: string, location = ""): Uint8Array {
  const data = decoded(text.replace(/={1,2}$/, ""), STANDARD_VALUES);
  if (data === null) throw new BrokenInput("expected base64", location);
  if (toBase64(data) !== text) throw new BrokenInput("expected base64 in its canonical spelling", location);
  return data;
}
