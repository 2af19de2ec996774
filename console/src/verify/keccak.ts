/** SHAKE128 and SHAKE256 (FIPS 202) for ML-DSA-44: lanes of 64 bits in two halves. */

const LANES = 25;
const ROUNDS = 24;
const PLACES = [1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14];
const ROUND_CONSTANTS = roundConstants();

/** The round constants from the shift register of section 3.2.5, as high and low halves. */
function roundConstants(): Int32Array {
  const found = new Int32Array(2 * ROUNDS);
  let register = 1;
  for (let round = 0; round < ROUNDS; round++) {
    for (let j = 0; j < 7; j++) {
      if (register & 1) {
        const bit = 2 ** j - 1;
        const place = 2 * round + (bit < 32 ? 1 : 0);
        found[place] = (found[place] as number) ^ (1 << (bit % 32));
      }
      register <<= 1;
      if (register & 0x100) register ^= 0x171;
    }
  }
  return found;
}

function rotated(high: number, low: number, by: number): readonly [number, number] {
  const [h, l] = by < 32 ? [high, low] : [low, high];
  const bits = by % 32;
  return bits === 0 ? [h, l] : [(h << bits) | (l >>> (32 - bits)), (l << bits) | (h >>> (32 - bits))];
}

/** Lane x, y lies at 2 (x + 5 y): its high half, then its low one. */
function permute(state: Int32Array): void {
  const c = new Int32Array(10);
  const b = new Int32Array(50);
  for (let round = 0; round < ROUNDS; round++) {
    for (let x = 0; x < 10; x++) {
      c[x] = 0;
      for (let y = 0; y < 50; y += 10) c[x] = (c[x] as number) ^ (state[x + y] as number);
    }
    for (let x = 0; x < 5; x++) {
      const next = ((x + 1) % 5) * 2;
      const last = ((x + 4) % 5) * 2;
      const [high, low] = rotated(c[next] as number, c[next + 1] as number, 1);
      for (let y = 0; y < 50; y += 10) {
        const at = 2 * x + y;
        state[at] = (state[at] as number) ^ (c[last] as number) ^ high;
        state[at + 1] = (state[at + 1] as number) ^ (c[last + 1] as number) ^ low;
      }
    }
    move(state, b);
    for (let y = 0; y < 50; y += 10) {
      for (let x = 0; x < 10; x++) {
        const one = b[y + ((x + 2) % 10)] as number;
        const two = b[y + ((x + 4) % 10)] as number;
        state[y + x] = (b[y + x] as number) ^ (~one & two);
      }
    }
    state[0] = (state[0] as number) ^ (ROUND_CONSTANTS[2 * round] as number);
    state[1] = (state[1] as number) ^ (ROUND_CONSTANTS[2 * round + 1] as number);
  }
}

/** Rho and pi: lane (x, y), turned by its place, goes to (y, 2x + 3y). */
function move(from: Int32Array, to: Int32Array): void {
  for (let y = 0; y < 5; y++) {
    for (let x = 0; x < 5; x++) {
      const at = x + 5 * y;
      const by = at === 0 ? 0 : (PLACES[at - 1] as number);
      const [high, low] = rotated(from[2 * at] as number, from[2 * at + 1] as number, by);
      const target = 2 * (y + 5 * ((2 * x + 3 * y) % 5));
      to[target] = high;
      to[target + 1] = low;
    }
  }
}

function shake(rate: number, message: Uint8Array, size: number): Uint8Array {
  const padded = new Uint8Array((Math.floor(message.length / rate) + 1) * rate);
  padded.set(message);
  padded[message.length] = 0x1f;
  padded[padded.length - 1] = (padded[padded.length - 1] as number) | 0x80;
  const state = new Int32Array(2 * LANES);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += rate) {
    for (let lane = 0; lane < rate / 8; lane++) {
      state[2 * lane] = (state[2 * lane] as number) ^ view.getInt32(at + 8 * lane + 4, true);
      state[2 * lane + 1] = (state[2 * lane + 1] as number) ^ view.getInt32(at + 8 * lane, true);
    }
    permute(state);
  }
  const out = new Uint8Array(Math.ceil(size / rate) * rate);
  const written = new DataView(out.buffer);
  for (let at = 0; at < out.length; at += rate) {
    if (at > 0) permute(state);
    for (let lane = 0; lane < rate / 8; lane++) {
      written.setInt32(at + 8 * lane, state[2 * lane + 1] as number, true);
      written.setInt32(at + 8 * lane + 4, state[2 * lane] as number, true);
    }
  }
  return out.subarray(0, size);
}

/** SHAKE128, `size` bytes of it. */
export function shake128(message: Uint8Array, size: number): Uint8Array {
  return shake(168, message, size);
}

/** SHAKE256, `size` bytes of it. */
export function shake256(message: Uint8Array, size: number): Uint8Array {
  return shake(136, message, size);
}
