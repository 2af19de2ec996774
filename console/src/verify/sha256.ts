/**
 * SHA-256 (FIPS 180-4), step by step and without waiting: an entry is hashed a hundred times sooner than a promise of
 * the platform's own digest comes back, and a page that was opened from a file or over plain http has no such digest.
 */

const CONSTANTS = Int32Array.from(fractions(64, 3));
const START = Int32Array.from(fractions(8, 2));
const BLOCK = 64;

/** The first 32 bits of the fractional parts of the square (2) or cube (3) roots of the first primes. */
function fractions(count: number, root: 2 | 3): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    let isPrime = true;
    for (let by = 2; by * by <= number; by++) if (number % by === 0) isPrime = false;
    if (!isPrime) continue;
    const power = root === 2 ? Math.sqrt(number) : Math.cbrt(number);
    found.push(Math.floor((power - Math.floor(power)) * 2 ** 32) | 0);
  }
  return found;
}

const words = new Int32Array(64);

function compress(state: Int32Array, data: Uint8Array, from: number): void {
  const w = words;
  const k = CONSTANTS;
  for (let at = 0, place = from; at < 16; at++, place += 4) {
    w[at] =
      ((data[place] as number) << 24) |
      ((data[place + 1] as number) << 16) |
      ((data[place + 2] as number) << 8) |
      (data[place + 3] as number);
  }
  for (let at = 16; at < 64; at++) {
    const x = w[at - 15] as number;
    const y = w[at - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[at] = ((w[at - 16] as number) + s0 + (w[at - 7] as number) + s1) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  // Eight rounds at a time: the eight words need not change places, which is a third of the time.
  for (let at = 0; at < 64; at += 8) {
    h = (h + (k[at] as number) + (w[at] as number) + (g ^ (e & (f ^ g)))) | 0;
    h = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)))) | 0;
    d = (d + h) | 0;
    h = (h + (((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10)))) | 0;
    h = (h + ((a & b) | (c & (a | b)))) | 0;
    g = (g + (k[at + 1] as number) + (w[at + 1] as number) + (f ^ (d & (e ^ f)))) | 0;
    g = (g + (((d >>> 6) | (d << 26)) ^ ((d >>> 11) | (d << 21)) ^ ((d >>> 25) | (d << 7)))) | 0;
    c = (c + g) | 0;
    g = (g + (((h >>> 2) | (h << 30)) ^ ((h >>> 13) | (h << 19)) ^ ((h >>> 22) | (h << 10)))) | 0;
    g = (g + ((h & a) | (b & (h | a)))) | 0;
    f = (f + (k[at + 2] as number) + (w[at + 2] as number) + (e ^ (c & (d ^ e)))) | 0;
    f = (f + (((c >>> 6) | (c << 26)) ^ ((c >>> 11) | (c << 21)) ^ ((c >>> 25) | (c << 7)))) | 0;
    b = (b + f) | 0;
    f = (f + (((g >>> 2) | (g << 30)) ^ ((g >>> 13) | (g << 19)) ^ ((g >>> 22) | (g << 10)))) | 0;
    f = (f + ((g & h) | (a & (g | h)))) | 0;
    e = (e + (k[at + 3] as number) + (w[at + 3] as number) + (d ^ (b & (c ^ d)))) | 0;
    e = (e + (((b >>> 6) | (b << 26)) ^ ((b >>> 11) | (b << 21)) ^ ((b >>> 25) | (b << 7)))) | 0;
    a = (a + e) | 0;
    e = (e + (((f >>> 2) | (f << 30)) ^ ((f >>> 13) | (f << 19)) ^ ((f >>> 22) | (f << 10)))) | 0;
    e = (e + ((f & g) | (h & (f | g)))) | 0;
    d = (d + (k[at + 4] as number) + (w[at + 4] as number) + (c ^ (a & (b ^ c)))) | 0;
    d = (d + (((a >>> 6) | (a << 26)) ^ ((a >>> 11) | (a << 21)) ^ ((a >>> 25) | (a << 7)))) | 0;
    h = (h + d) | 0;
    d = (d + (((e >>> 2) | (e << 30)) ^ ((e >>> 13) | (e << 19)) ^ ((e >>> 22) | (e << 10)))) | 0;
    d = (d + ((e & f) | (g & (e | f)))) | 0;
    c = (c + (k[at + 5] as number) + (w[at + 5] as number) + (b ^ (h & (a ^ b)))) | 0;
    c = (c + (((h >>> 6) | (h << 26)) ^ ((h >>> 11) | (h << 21)) ^ ((h >>> 25) | (h << 7)))) | 0;
    g = (g + c) | 0;
    c = (c + (((d >>> 2) | (d << 30)) ^ ((d >>> 13) | (d << 19)) ^ ((d >>> 22) | (d << 10)))) | 0;
    c = (c + ((d & e) | (f & (d | e)))) | 0;
    b = (b + (k[at + 6] as number) + (w[at + 6] as number) + (a ^ (g & (h ^ a)))) | 0;
    b = (b + (((g >>> 6) | (g << 26)) ^ ((g >>> 11) | (g << 21)) ^ ((g >>> 25) | (g << 7)))) | 0;
    f = (f + b) | 0;
    b = (b + (((c >>> 2) | (c << 30)) ^ ((c >>> 13) | (c << 19)) ^ ((c >>> 22) | (c << 10)))) | 0;
    b = (b + ((c & d) | (e & (c | d)))) | 0;
    a = (a + (k[at + 7] as number) + (w[at + 7] as number) + (h ^ (f & (g ^ h)))) | 0;
    a = (a + (((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7)))) | 0;
    e = (e + a) | 0;
    a = (a + (((b >>> 2) | (b << 30)) ^ ((b >>> 13) | (b << 19)) ^ ((b >>> 22) | (b << 10)))) | 0;
    a = (a + ((b & c) | (d & (b | c)))) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
  state[5] = ((state[5] as number) + f) | 0;
  state[6] = ((state[6] as number) + g) | 0;
  state[7] = ((state[7] as number) + h) | 0;
}

/** A digest that is fed piece by piece and can be used again after `reset`. */
export class Sha256 {
  private readonly state = new Int32Array(START);
  private readonly rest = new Uint8Array(BLOCK);
  private held = 0;
  private size = 0;

  /** Begin anew. */
  reset(): this {
    this.state.set(START);
    this.held = 0;
    this.size = 0;
    return this;
  }

  /** Take more bytes. */
  update(data: Uint8Array): this {
    let at = 0;
    this.size += data.length;
    if (this.held > 0) {
      const room = Math.min(BLOCK - this.held, data.length);
      for (; at < room; at++) this.rest[this.held + at] = data[at] as number;
      this.held += room;
      if (this.held < BLOCK) return this;
      compress(this.state, this.rest, 0);
      this.held = 0;
    }
    for (; at + BLOCK <= data.length; at += BLOCK) compress(this.state, data, at);
    for (; at < data.length; at++) this.rest[this.held++] = data[at] as number;
    return this;
  }

  /** The 32 bytes, into `into` from `at` on when it is given. */
  digest(into: Uint8Array = new Uint8Array(32), at = 0): Uint8Array {
    const rest = this.rest;
    rest[this.held++] = 0x80;
    if (this.held > BLOCK - 8) {
      rest.fill(0, this.held);
      compress(this.state, rest, 0);
      this.held = 0;
    }
    rest.fill(0, this.held);
    const high = Math.floor(this.size / 2 ** 29);
    const low = (this.size << 3) >>> 0;
    for (let place = 0; place < 4; place++) {
      rest[56 + place] = high >>> (24 - 8 * place);
      rest[60 + place] = low >>> (24 - 8 * place);
    }
    compress(this.state, rest, 0);
    for (let word = 0; word < 8; word++) {
      const value = this.state[word] as number;
      into[at + 4 * word] = value >>> 24;
      into[at + 4 * word + 1] = value >>> 16;
      into[at + 4 * word + 2] = value >>> 8;
      into[at + 4 * word + 3] = value;
    }
    return into;
  }
}

const once = new Sha256();

/** SHA-256 of some runs of bytes, one after another. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  once.reset();
  for (const part of parts) once.update(part);
  return once.digest();
}
