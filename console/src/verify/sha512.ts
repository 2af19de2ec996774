/** SHA-512 (FIPS 180-4) for Ed25519, whose messages are small; words of 64 bits in two halves. */

const BLOCK = 128;

const CONSTANTS = halves(fractions(80, 3n));
const START = halves(fractions(8, 2n));

/** The first 64 bits of the fractional parts of the square (2) or cube (3) roots of the first primes. */
function fractions(count: number, root: bigint): bigint[] {
  const found: bigint[] = [];
  for (let number = 2n; found.length < count; number++) {
    let isPrime = true;
    for (let by = 2n; by * by <= number; by++) if (number % by === 0n) isPrime = false;
    if (isPrime) found.push(rootOf(number << (64n * root), root) & 0xffffffffffffffffn);
  }
  return found;
}

/** The largest integer whose power is not above the value. */
function rootOf(value: bigint, power: bigint): bigint {
  let found = 0n;
  for (let bit = 1n << 70n; bit > 0n; bit >>= 1n) if ((found + bit) ** power <= value) found += bit;
  return found;
}

function halves(values: bigint[]): Int32Array {
  return Int32Array.from(
    values.flatMap((value) => [Number(value >> 32n) | 0, Number(value & 0xffffffffn) | 0]),
  );
}

const w = new Int32Array(160);

/** The high word of a sum whose low parts were added as numbers. */
function carry(low: number): number {
  return Math.floor(low / 2 ** 32);
}

function schedule(data: DataView, from: number): void {
  for (let at = 0; at < 32; at++) w[at] = data.getInt32(from + 4 * at);
  for (let at = 32; at < 160; at += 2) {
    const xh = w[at - 30] as number;
    const xl = w[at - 29] as number;
    const yh = w[at - 4] as number;
    const yl = w[at - 3] as number;
    const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
    const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
    const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6);
    const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
    const low = ((w[at - 31] as number) >>> 0) + (s0l >>> 0) + ((w[at - 13] as number) >>> 0) + (s1l >>> 0);
    w[at + 1] = low | 0;
    w[at] = ((w[at - 32] as number) + s0h + (w[at - 14] as number) + s1h + carry(low)) | 0;
  }
}

function compress(state: Int32Array, data: DataView, from: number): void {
  schedule(data, from);
  const v = Int32Array.from(state); // a to h, high and low
  for (let at = 0; at < 160; at += 2) {
    const ah = v[0] as number;
    const al = v[1] as number;
    const eh = v[8] as number;
    const el = v[9] as number;
    const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
    const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
    const chh = (eh & (v[10] as number)) ^ (~eh & (v[12] as number));
    const chl = (el & (v[11] as number)) ^ (~el & (v[13] as number));
    const low1 =
      ((v[15] as number) >>> 0) +
      (s1l >>> 0) +
      (chl >>> 0) +
      ((CONSTANTS[at + 1] as number) >>> 0) +
      ((w[at + 1] as number) >>> 0);
    const high1 =
      ((v[14] as number) + s1h + chh + (CONSTANTS[at] as number) + (w[at] as number) + carry(low1)) | 0;
    const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
    const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
    const majh = (ah & (v[2] as number)) ^ (ah & (v[4] as number)) ^ ((v[2] as number) & (v[4] as number));
    const majl = (al & (v[3] as number)) ^ (al & (v[5] as number)) ^ ((v[3] as number) & (v[5] as number));
    const low2 = (s0l >>> 0) + (majl >>> 0);
    const high2 = (s0h + majh + carry(low2)) | 0;
    const dh = v[6] as number;
    const dl = v[7] as number;
    v.copyWithin(2, 0, 14);
    const lowE = (dl >>> 0) + ((low1 | 0) >>> 0);
    v[9] = lowE | 0;
    v[8] = (dh + high1 + carry(lowE)) | 0;
    const lowA = ((low1 | 0) >>> 0) + ((low2 | 0) >>> 0);
    v[1] = lowA | 0;
    v[0] = (high1 + high2 + carry(lowA)) | 0;
  }
  for (let at = 0; at < 16; at += 2) {
    const low = ((state[at + 1] as number) >>> 0) + ((v[at + 1] as number) >>> 0);
    state[at + 1] = low | 0;
    state[at] = ((state[at] as number) + (v[at] as number) + carry(low)) | 0;
  }
}

/** SHA-512 of some runs of bytes, one after another. */
export function sha512(...parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const padded = new Uint8Array(Math.ceil((size + 17) / BLOCK) * BLOCK);
  let to = 0;
  for (const part of parts) {
    padded.set(part, to);
    to += part.length;
  }
  padded[size] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(size) * 8n);
  const state = new Int32Array(START);
  for (let at = 0; at < padded.length; at += BLOCK) compress(state, view, at);
  const digest = new Uint8Array(64);
  const out = new DataView(digest.buffer);
  for (let word = 0; word < 16; word++) out.setInt32(4 * word, state[word] as number);
  return digest;
}
