/**
 * ML-DSA-44 verification (FIPS 204, algorithms 3 and 8), line for line the rule of `ledger.verify.plain_ml_dsa`:
 *
 *     public key = rho[32] || t1 (1,312 bytes)      signature = c~[32] || z || hint (2,420 bytes)
 *     accept iff the hint is canonical, |z| < gamma1 - beta, and c~ = H(mu || UseHint(hint, A z - c t1 2^13))
 */
import { isSame, joined } from "./bytes";
import { shake128, shake256 } from "./keccak";

const Q = 8_380_417;
const N = 256;
const K = 4;
const GAMMA1 = 1 << 17;
const GAMMA2 = (Q - 1) / 88;
const TAU = 39;
const BETA = 78;
const OMEGA = 80;
const HIGH_PARTS = (Q - 1) / (2 * GAMMA2);
const T1_BYTES = 320;
const Z_BYTES = 576;
const Z_END = 32 + K * Z_BYTES;
const INVERSE_OF_N = 8_347_681; // 256 times it is 1 modulo Q

/** Bytes of a public key: its length tells it from an Ed25519 key. */
export const ML_DSA_44_KEY_BYTES = 1312;

const SIGNATURE_BYTES = 2420;

type Poly = Float64Array; // products of two coefficients stay below 2^53

const ZETAS = zetas();

function times(left: number, right: number): number {
  const product = (left * right) % Q;
  return product < 0 ? product + Q : product;
}

function zetas(): number[] {
  const powers = [1];
  for (let at = 1; at < N; at++) powers.push(times(powers[at - 1] as number, 1753));
  return powers.map((_, at) => {
    let turned = 0;
    for (let bit = 0; bit < 8; bit++) turned |= ((at >> bit) & 1) << (7 - bit);
    return powers[turned] as number;
  });
}

/** Whether `signature` is one of `publicKey` on `message`, with an empty context. Never throws on bytes. */
export function verifyMlDsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== ML_DSA_44_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const challenge = signature.subarray(0, 32);
  const hint = hintOf(signature.subarray(Z_END));
  if (hint === null) return false;
  const z: Poly[] = [];
  for (let at = 32; at < Z_END; at += Z_BYTES) {
    z.push(unpacked(signature.subarray(at, at + Z_BYTES), 18).map((value) => GAMMA1 - value));
  }
  if (z.some((poly) => poly.some((value) => Math.abs(value) >= GAMMA1 - BETA))) return false;
  const mu = shake256(joined(shake256(publicKey, 64), Uint8Array.of(0, 0), message), 64);
  const turned = z.map(transformed);
  const c = transformed(challengeOf(challenge));
  const packed = hint.map((ones, row) => {
    const start = 32 + row * T1_BYTES;
    const t1 = unpacked(publicKey.subarray(start, start + T1_BYTES), 10).map((value) => value * 8192);
    return highParts(product(publicKey.subarray(0, 32), row, turned, [c, transformed(t1)]), ones);
  });
  return isSame(shake256(joined(mu, ...packed), 32), challenge);
}

/** Row `row` of A z - c t1 2^13, out of the transform. */
function product(rho: Uint8Array, row: number, z: Poly[], [c, t1]: [Poly, Poly]): Poly {
  const w = new Float64Array(N);
  for (let at = 0; at < N; at++) w[at] = Q - times(c[at] as number, t1[at] as number);
  z.forEach((poly, column) => {
    const a = sampled(joined(rho, Uint8Array.of(column, row)));
    for (let at = 0; at < N; at++) w[at] = (w[at] as number) + times(a[at] as number, poly[at] as number);
  });
  return untransformed(w.map((value) => value % Q));
}

/** A polynomial drawn uniformly, in the transform (algorithm 30). */
function sampled(seed: Uint8Array): Poly {
  for (let size = 840; ; size *= 2) {
    const stream = shake128(seed, size);
    const drawn: number[] = [];
    for (let at = 0; at < size && drawn.length < N; at += 3) {
      const high = ((stream[at + 2] as number) & 0x7f) << 16;
      const value = (stream[at] as number) | ((stream[at + 1] as number) << 8) | high;
      if (value < Q) drawn.push(value);
    }
    if (drawn.length === N) return Float64Array.from(drawn);
  }
}

/** The polynomial of 39 coefficients of 1 or -1 that a challenge stands for (algorithm 29). */
function challengeOf(seed: Uint8Array): Poly {
  for (let size = 272; ; size *= 2) {
    const stream = shake256(seed, size);
    const poly = new Float64Array(N);
    let at = 8;
    let taken = 0;
    for (let last = N - TAU; last < N; last++, taken++) {
      while (at < size && (stream[at] as number) > last) at += 1;
      if (at >= size) break;
      const place = stream[at++] as number;
      poly[last] = poly[place] as number;
      poly[place] = ((stream[taken >> 3] as number) >> (taken & 7)) & 1 ? -1 : 1;
    }
    if (taken === TAU) return poly;
  }
}

/** Integers of so many bits each, the first in the lowest bits. */
function unpacked(packed: Uint8Array, bits: number): Poly {
  const found = new Float64Array(N);
  for (let at = 0; at < N; at++) {
    const start = at * bits;
    const byte = start >> 3;
    const four =
      (packed[byte] as number) +
      (packed[byte + 1] ?? 0) * 2 ** 8 +
      (packed[byte + 2] ?? 0) * 2 ** 16 +
      (packed[byte + 3] ?? 0) * 2 ** 24;
    found[at] = Math.floor(four / 2 ** (start & 7)) % 2 ** bits;
  }
  return found;
}

/** The places of the ones of each polynomial (algorithm 21); null when they are not spelt in the one way. */
function hintOf(packed: Uint8Array): Set<number>[] | null {
  const found: Set<number>[] = [];
  let start = 0;
  for (const end of packed.subarray(OMEGA)) {
    if (end < start || end > OMEGA) return null;
    const places = packed.subarray(start, end);
    if (places.some((place, at) => at > 0 && place <= (places[at - 1] as number))) return null;
    found.push(new Set(places));
    start = end;
  }
  return packed.subarray(start, OMEGA).some((octet) => octet !== 0) ? null : found;
}

/** The high parts of w, mended by the hint (algorithms 40 and 36), 6 bits each (algorithm 28). */
function highParts(w: Poly, ones: Set<number>): Uint8Array {
  const packed = new Uint8Array((N * 6) / 8);
  w.forEach((value, place) => {
    let low = value % (2 * GAMMA2);
    if (low > GAMMA2) low -= 2 * GAMMA2;
    let high = (value - low) / (2 * GAMMA2);
    if (value - low === Q - 1) {
      high = 0;
      low -= 1;
    }
    if (ones.has(place)) high = (high + (low > 0 ? 1 : HIGH_PARTS - 1)) % HIGH_PARTS;
    const bit = 6 * place;
    const spread = high << (bit & 7);
    packed[bit >> 3] = (packed[bit >> 3] as number) | (spread & 255);
    if (spread > 255) packed[(bit >> 3) + 1] = (packed[(bit >> 3) + 1] as number) | (spread >> 8);
  });
  return packed;
}

function transformed(poly: Poly): Poly {
  const w = poly.map((value) => ((value % Q) + Q) % Q);
  let number = 0;
  for (let length = N / 2; length >= 1; length /= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[++number] as number;
      for (let at = start; at < start + length; at++) {
        const low = w[at] as number;
        const term = times(zeta, w[at + length] as number);
        w[at + length] = (low - term + Q) % Q;
        w[at] = (low + term) % Q;
      }
    }
  }
  return w;
}

/** The polynomial of a transform, coefficients from 0 to q - 1. */
function untransformed(poly: Poly): Poly {
  const w = poly.slice();
  let number = N;
  for (let length = 1; length < N; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[--number] as number;
      for (let at = start; at < start + length; at++) {
        const low = w[at] as number;
        const high = w[at + length] as number;
        w[at] = (low + high) % Q;
        w[at + length] = times(zeta, high - low);
      }
    }
  }
  return w.map((value) => times(value, INVERSE_OF_N));
}
