/**
 * Ed25519 verification (RFC 8032 section 5.1.7), line for line the rule of `ledger.verify.plain_signatures`:
 *
 *     accept iff S < L, A decodes strictly, and encode([S]B - [h]A) = R with h = SHA-512(R || A || message) mod L
 *
 * Platforms differ in what they take for a signature (small orders, spellings, the cofactor) and some have no Ed25519;
 * one pack must get one verdict everywhere. Only public values are handled, so nothing runs in constant time.
 */
import { isSame } from "./bytes";
import { sha512 } from "./sha512";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = mod(-121665n * inverse(121666n));
const SQRT_MINUS_1 = power(2n, (P - 1n) / 4n);
const LOW_255 = (1n << 255n) - 1n;

type Affine = readonly [bigint, bigint];
type Point = readonly [bigint, bigint, bigint, bigint];

const NEUTRAL: Point = [0n, 1n, 1n, 0n];
const BASE = extended(decodePoint(littleEndian(mod(4n * inverse(5n)))) as Affine);

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function inverse(value: bigint): bigint {
  return power(mod(value), P - 2n);
}

function numberOf(data: Uint8Array): bigint {
  let value = 0n;
  for (let at = data.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(data[at] as number);
  return value;
}

function littleEndian(value: bigint): Uint8Array {
  const data = new Uint8Array(32);
  let left = value;
  for (let at = 0; at < 32; at++, left >>= 8n) data[at] = Number(left & 255n);
  return data;
}

/** The affine point of its one encoding; null when it is none. */
function decodePoint(data: Uint8Array): Affine | null {
  const whole = numberOf(data);
  const sign = whole >> 255n;
  const y = whole & LOW_255;
  if (y >= P) return null;
  const u = mod(y * y - 1n);
  const v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(mod(u * power(v, 7n)), (P - 5n) / 8n));
  const square = mod(v * x * x);
  if (square === mod(-u)) x = mod(x * SQRT_MINUS_1);
  else if (square !== u) return null;
  if (x === 0n && sign === 1n) return null;
  return [(x & 1n) === sign ? x : P - x, y];
}

function extended([x, y]: Affine): Point {
  return [x, y, 1n, mod(x * y)];
}

function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = ((y1 - x1) * (y2 - x2)) % P;
  const b = ((y1 + x1) * (y2 + x2)) % P;
  const c = (2n * D * ((t1 * t2) % P)) % P;
  const d = (2n * z1 * z2) % P;
  const e = b - a;
  const f = d - c;
  const g = d + c;
  const h = b + a;
  return [(e * f) % P, (g * h) % P, (f * g) % P, (e * h) % P];
}

function encode([x, y, z]: Point): Uint8Array {
  const by = inverse(z);
  return littleEndian(mod(y * by) | ((mod(x * by) & 1n) << 255n));
}

/** [s]B + [h]A, both from the top bit in one pass. */
function combine(s: bigint, h: bigint, a: Point): Point {
  const both = add(BASE, a);
  let point = NEUTRAL;
  for (let bit = 252n; bit >= 0n; bit--) {
    point = add(point, point);
    const ofS = (s >> bit) & 1n;
    const ofH = (h >> bit) & 1n;
    if (ofS && ofH) point = add(point, both);
    else if (ofS) point = add(point, BASE);
    else if (ofH) point = add(point, a);
  }
  return point;
}

/** Whether `signature` (64 bytes) is one of `publicKey` (32 bytes) on `message`. Never throws on bytes. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const s = numberOf(signature.subarray(32));
  if (s >= L) return false;
  const key = decodePoint(publicKey);
  if (key === null) return false;
  const h = numberOf(sha512(signature.subarray(0, 32), publicKey, message)) % L;
  return isSame(encode(combine(s, h, extended([mod(-key[0]), key[1]]))), signature.subarray(0, 32));
}
