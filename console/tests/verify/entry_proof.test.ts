/** Paths walked step by step end where the one-line check ends; kept checkpoints are judged for what they are. */
import { describe, expect, it } from "vitest";
import { ascii, isSame } from "../../src/verify/bytes";
import { judgeKept, type ReadCheckpoint, walkPath } from "../../src/verify/entry_proof";
import { checkInclusion, leafHash, nodeHash } from "../../src/verify/merkle";

/** RFC 9162 section 2.1.1, by the book. */
function root(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  const cut = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(root(leaves.slice(0, cut)), root(leaves.slice(cut)));
}

/** RFC 9162 section 2.1.3.1. */
function path(index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  if (leaves.length === 1) return [];
  const cut = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [leaves.slice(0, cut), leaves.slice(cut)];
  return index < cut ? [...path(index, left), root(right)] : [...path(index - cut, right), root(left)];
}

/** RFC 9162 section 2.1.4.1. */
function subproof(size: number, leaves: readonly Uint8Array[], isWhole: boolean): Uint8Array[] {
  if (size === leaves.length) return isWhole ? [] : [root(leaves)];
  const cut = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [leaves.slice(0, cut), leaves.slice(cut)];
  if (size <= cut) return [...subproof(size, left, isWhole), root(right)];
  return [...subproof(size - cut, right, false), root(left)];
}

const LEAVES = Array.from({ length: 21 }, (_, at) => leafHash(ascii(`entry ${at}`)));

describe("a path walked step by step", () => {
  it("ends in the root for every entry of every size", () => {
    for (let size = 1; size <= LEAVES.length; size += 1) {
      const leaves = LEAVES.slice(0, size);
      for (const [index, leaf] of leaves.entries()) {
        const proof = path(index, leaves);
        const steps = walkPath(index, size, leaf, proof);
        expect(steps).toHaveLength(proof.length);
        const end = steps?.at(-1)?.result ?? leaf;
        expect(isSame(end, root(leaves))).toBe(true);
        expect(checkInclusion(index, size, leaf, proof, end)).toBe(true);
      }
    }
  });

  it("is none where it is too long, too short or beside the tree", () => {
    const proof = path(4, LEAVES);
    const leaf = LEAVES[4] as Uint8Array;
    expect(walkPath(4, 21, leaf, proof.slice(1))).toBeNull();
    expect(walkPath(4, 21, leaf, [...proof, leaf])).toBeNull();
    expect(walkPath(21, 21, leaf, proof)).toBeNull();
    expect(walkPath(4, 21, leaf.slice(1), proof)).toBeNull();
  });
});

describe("a kept checkpoint", () => {
  const at = (size: number, changed: Partial<ReadCheckpoint> = {}): ReadCheckpoint => ({
    origin: "log.test/a",
    size,
    root: root(LEAVES.slice(0, size)),
    lines: [],
    isSigned: true,
    ...changed,
  });
  const proof = subproof(9, LEAVES, true);

  it("is the beginning of the log, or is told for what it is", () => {
    expect(judgeKept(at(9), at(21), proof)).toBe("consistent");
    expect(judgeKept(at(9, { root: LEAVES[0] as Uint8Array }), at(21), proof)).toBe("not consistent");
    expect(judgeKept(at(8), at(21), proof)).toBe("not consistent");
    expect(judgeKept(at(9, { origin: "log.test/b" }), at(21), proof)).toBe("other log");
    expect(judgeKept(at(21), at(9), proof)).toBe("log shorter");
    expect(judgeKept(at(9), at(21), null)).toBe("no proof");
    expect(judgeKept(at(9, { isSigned: false }), at(21), proof)).toBe("kept not signed");
    expect(judgeKept(at(9), at(21, { isSigned: false }), proof)).toBe("now not signed");
  });
});
