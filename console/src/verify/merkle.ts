/**
 * The Merkle tree of RFC 6962: inclusion and consistency proofs as `ledger.proof` checks them. A check answers and
 * never throws: hashes that are not 32 bytes, a path too long or too short, an index outside the tree are all "no".
 * Sizes reach 2^53 - 1, so places are divided and not shifted.
 */
import { isSame } from "./bytes";
import { SizedDigest, sha256 } from "./sha256";

/** Bytes of a hash. */
export const HASH_BYTES = 32;

const LEAF = Uint8Array.of(0);
const NODE = 1;
const [LEFT, RIGHT] = [1, 1 + HASH_BYTES]; // places in what a node is the hash of

/** SHA-256(0x00 || data): the hash of an entry's exact bytes as a leaf. */
export function leafHash(data: Uint8Array): Uint8Array {
  return sha256(LEAF, data);
}

function nodeDigest(): SizedDigest {
  const digest = new SizedDigest(1 + 2 * HASH_BYTES);
  digest.data[0] = NODE;
  return digest;
}

const PAIR = nodeDigest();

/** SHA-256(0x01 || left || right), of two hashes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  PAIR.data.set(left, LEFT);
  PAIR.data.set(right, RIGHT);
  return PAIR.digest();
}

/** On the right edge a node without a right sibling moves up unhashed: how many levels that are. */
function levelsAbove(position: number): number {
  let levels = 0;
  for (let at = position; at > 0 && at % 2 === 0; at /= 2) levels += 1;
  return levels;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}

/** Whether `path` shows `leaf` at `index` of the tree with this size and root hash. */
export function checkInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!(index >= 0 && index < size) || !areHashes([leaf, root, ...path])) return false;
  let node = leaf;
  let position = index;
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      node = nodeHash(sibling, node);
      const above = 2 ** levelsAbove(position);
      position = Math.floor(position / above);
      last = Math.floor(last / above);
    } else {
      node = nodeHash(node, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isSame(node, root);
}

/** A tree as a checkpoint states it. */
export interface Tree {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether `path` shows that the old tree is a prefix of the new one. */
export function checkConsistency(old: Tree, grown: Tree, path: readonly Uint8Array[]): boolean {
  if (!(old.size > 0 && old.size <= grown.size) || !areHashes([old.root, grown.root, ...path])) return false;
  if (old.size === grown.size) return path.length === 0 && isSame(old.root, grown.root);
  let position = old.size - 1;
  let last = grown.size - 1;
  while (position % 2 === 1) {
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  const [first, ...siblings] = position === 0 ? [old.root, ...path] : path;
  if (first === undefined) return false;
  let oldNode = first;
  let newNode = first;
  for (const sibling of siblings) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      oldNode = nodeHash(sibling, oldNode);
      newNode = nodeHash(sibling, newNode);
      const above = 2 ** levelsAbove(position);
      position = Math.floor(position / above);
      last = Math.floor(last / above);
    } else {
      newNode = nodeHash(newNode, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && isSame(oldNode, old.root) && isSame(newNode, grown.root);
}

const DEPTH_MAX = 64;

/**
 * Inclusion checks of many leaves in one tree. Where a path meets the one that held before it, node, place and all
 * siblings from there on being the same, the rest was computed already; and where it comes from the other side to the
 * node that the one before it came to, that node was: neighbours cost one hash and not seventeen.
 */
export class InclusionWalk {
  private readonly pair = nodeDigest();
  private readonly node = new Uint8Array(HASH_BYTES);
  private readonly kept = new Uint8Array((DEPTH_MAX + 1) * HASH_BYTES); // nodes of the path before, by siblings left
  private readonly pairs = new Uint8Array((DEPTH_MAX + 1) * 2 * HASH_BYTES); // what was hashed there last, and to what
  private readonly parents = new Uint8Array((DEPTH_MAX + 1) * HASH_BYTES);
  private readonly places = new Float64Array(DEPTH_MAX + 1);
  private readonly lasts = new Float64Array(DEPTH_MAX + 1).fill(-1);
  private readonly isHashed = new Uint8Array(DEPTH_MAX + 1);

  constructor(private readonly tree: Tree) {}

  /**
   * Whether the path, hashes side by side and leaf sibling first, shows the leaf at `index`. So many siblings at its end
   * are `shared` with the path of the check before, byte by byte; none where that is not known.
   */
  check(index: number, leaf: Uint8Array, path: Uint8Array, shared: number): boolean {
    const count = path.length / HASH_BYTES;
    if (!(index >= 0 && index < this.tree.size) || count > DEPTH_MAX) return this.forget();
    this.node.set(leaf);
    let position = index;
    let last = this.tree.size - 1;
    for (let left = count; left > 0; left--) {
      if (last === 0) return this.forget();
      if (left <= shared && this.meets(left, position, last)) return true;
      this.keep(left, position, last);
      const from = (count - left) * HASH_BYTES;
      const isRight = position % 2 === 1 || position === last;
      this.combine(left, path, from, isRight);
      if (isRight) {
        const above = 2 ** levelsAbove(position);
        position = Math.floor(position / above);
        last = Math.floor(last / above);
      }
      position = Math.floor(position / 2);
      last = Math.floor(last / 2);
    }
    if (last !== 0 || !isSame(this.node, this.tree.root)) return this.forget();
    return true;
  }

  /** Nothing that was kept is known to lead to the root. */
  private forget(): false {
    this.lasts.fill(-1);
    return false;
  }

  private keep(left: number, position: number, last: number): void {
    this.kept.set(this.node, left * HASH_BYTES);
    this.places[left] = position;
    this.lasts[left] = last;
  }

  private meets(left: number, position: number, last: number): boolean {
    if (this.places[left] !== position || this.lasts[left] !== last) return false;
    return isAt(this.kept, left * HASH_BYTES, this.node, 0);
  }

  /** The node becomes its parent, by the sibling in `path` from `from` on. */
  private combine(level: number, path: Uint8Array, from: number, isRight: boolean): void {
    const { node, pair, pairs, parents } = this;
    const [own, other] = isRight ? [HASH_BYTES, 0] : [0, HASH_BYTES];
    const at = level * 2 * HASH_BYTES;
    if (
      this.isHashed[level] !== 1 ||
      !isAt(pairs, at + own, node, 0) ||
      !isAt(pairs, at + other, path, from)
    ) {
      for (let octet = 0; octet < HASH_BYTES; octet++) {
        pair.data[LEFT + own + octet] = pairs[at + own + octet] = node[octet] as number;
        pair.data[LEFT + other + octet] = pairs[at + other + octet] = path[from + octet] as number;
      }
      pair.digest(parents, level * HASH_BYTES);
      this.isHashed[level] = 1;
    }
    for (let octet = 0; octet < HASH_BYTES; octet++)
      node[octet] = parents[level * HASH_BYTES + octet] as number;
  }
}

/** Whether one run of bytes has at a place the hash that another has at its own. */
function isAt(left: Uint8Array, from: number, right: Uint8Array, at: number): boolean {
  for (let octet = 0; octet < HASH_BYTES; octet++) if (left[from + octet] !== right[at + octet]) return false;
  return true;
}
