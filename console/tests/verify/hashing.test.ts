/** The quick ways to hashes and paths against the plain ones, also where paths lie. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ascii, toBase64Url, toHex } from "../../src/verify/bytes";
import { EntryTable } from "../../src/verify/entry";
import { checkInclusion, HASH_BYTES, InclusionWalk, leafHash, nodeHash } from "../../src/verify/merkle";
import type { Checkpoint } from "../../src/verify/note";
import { INCLUSION } from "../../src/verify/pack";
import { inclusionFaults } from "../../src/verify/proofs";
import { Sha256, SizedDigest } from "../../src/verify/sha256";
import { BytesSource, Stretch } from "../../src/verify/source";

const TEXT = Uint8Array.from({ length: 400 }, (_, at) => (at * 151 + 7) & 255);

function theirs(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

describe("SHA-256", () => {
  it("is the platform's, for every length about its blocks, in one piece and in pieces", () => {
    for (let size = 0; size <= 260; size++) {
      const data = TEXT.subarray(3, 3 + size); // begins at an odd place of its buffer
      expect(toHex(new Sha256().update(data).digest()), String(size)).toBe(theirs(data));
      const cut = (size * 7) % (size + 1);
      const pieces = new Sha256().update(data.subarray(0, cut)).update(data.subarray(cut));
      expect(toHex(pieces.digest()), String(size)).toBe(theirs(data));
      const sized = new SizedDigest(size);
      for (const again of [data, TEXT.subarray(100, 100 + size)]) {
        sized.data.set(again);
        expect(toHex(sized.digest()), String(size)).toBe(theirs(again));
      }
    }
  });
});

/** All levels of a tree over some leaves, as RFC 6962 has it: a node without a sibling moves up as it is. */
function levelsOf(leaves: readonly Uint8Array[]): Uint8Array[][] {
  const levels = [[...leaves]];
  for (let below = levels[0] as Uint8Array[]; below.length > 1; below = levels.at(-1) as Uint8Array[]) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < below.length; at += 2) {
      const [left, right] = [below[at] as Uint8Array, below[at + 1]];
      above.push(right === undefined ? left : nodeHash(left, right));
    }
    levels.push(above);
  }
  return levels;
}

function pathOf(levels: readonly Uint8Array[][], index: number): Uint8Array[] {
  return levels.slice(0, -1).flatMap((level, height) => level[(index >> height) ^ 1] ?? []);
}

function flat(path: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(path.flatMap((hash) => [...hash]));
}

/** Of how many hashes at their end two paths are the same. */
function sharedBy(one: Uint8Array, other: Uint8Array): number {
  let same = 0;
  while (same < Math.min(one.length, other.length) && one.at(-1 - same) === other.at(-1 - same)) same += 1;
  return Math.floor(same / HASH_BYTES);
}

/** The same numbers each time. */
function dice(): (sides: number) => number {
  let state = 88_172_645;
  return (sides) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % sides;
  };
}

describe("checks of many leaves in one tree", () => {
  it.each([1, 2, 3, 7, 8, 21, 64, 100])("answer in a tree of %i as each check by itself does", (size) => {
    const leaves = Array.from({ length: size }, (_, at) => leafHash(ascii(`entry ${at}`)));
    const levels = levelsOf(leaves);
    const root = levels.at(-1)?.[0] as Uint8Array;
    const walk = new InclusionWalk({ size, root });
    const roll = dice();
    let before: Uint8Array = new Uint8Array(0);
    const answers = new Set<boolean>();
    for (let turn = 0; turn < 600; turn++) {
      // Neighbours mostly, as a file has them; then anywhere, and places beyond the tree.
      const index = turn % 3 === 0 ? roll(size + 1) : turn % size;
      const path = pathOf(levels, Math.min(index, size - 1)).map((hash): Uint8Array => hash.slice());
      let leaf: Uint8Array = (leaves[Math.min(index, size - 1)] as Uint8Array).slice();
      const lie = roll(6);
      const hash = path[roll(Math.max(1, path.length))];
      if (lie === 0 && hash !== undefined) hash[roll(HASH_BYTES)] = roll(256);
      if (lie === 1) leaf = leaves[roll(size)] as Uint8Array;
      if (lie === 2 && path.length > 0) path.splice(roll(path.length), 1);
      if (lie === 3) path.push(leaf);
      const whole = flat(path);
      const expected = checkInclusion(index, size, leaf, path, root);
      expect(walk.check(index, leaf, whole, sharedBy(whole, before)), `${turn}`).toBe(expected);
      answers.add(expected);
      before = whole;
    }
    expect(answers.size).toBe(2);
  });
});

describe("the proofs of a pack", () => {
  const SIZE = 50;
  const lines = Array.from({ length: SIZE }, (_, index) => `{"index":${index},"origin":"log.test/a"}`);
  const leaves = lines.map((line) => leafHash(ascii(line)));
  const levels = levelsOf(leaves);
  const last = { origin: "log.test/a", size: SIZE, root: levels.at(-1)?.[0] } as Checkpoint;

  function stretch(text: string): Stretch {
    const data = ascii(text);
    return new Stretch(new BytesSource(data), 0, data.length);
  }

  /** What is told of a file with such proofs, path by path. */
  function told(proofs: readonly (readonly [number, readonly Uint8Array[]])[], packed = lines): string {
    const entries = new EntryTable(stretch(`${packed.join("\n")}\n`), () => undefined);
    const text = proofs.map(([index, path]) => {
      return `{"index":${index},"path":[${path.map((hash) => `"${toBase64Url(hash)}"`).join(",")}]}\n`;
    });
    const content = stretch(text.join(""));
    const bag = {
      name: "",
      tags: new Map(),
      payload: new Map([[INCLUSION, { content, sha256: content.whole() }]]),
    };
    return inclusionFaults(bag, entries, last, () => undefined).listed();
  }

  const right = leaves.map((_, index) => [index, pathOf(levels, index)] as const);

  it("hold where they are right, in order or not, told twice or from a part of a log", () => {
    expect(told(right)).toBe("");
    expect(told([...right].reverse())).toBe("");
    expect(told(right.flatMap((one) => [one, one]))).toBe("");
    expect(told(right.slice(13, 40), lines.slice(13, 40))).toBe("");
    const some = [3, 4, 9, 17, 48, 49];
    expect(
      told(
        some.map((at) => right[at] as (typeof right)[number]),
        some.map((at) => lines[at] as string),
      ),
    ).toBe("");
  });

  it("fail for the very entry whose proof lies, whatever stands around it", () => {
    for (const index of [0, 1, 2, 24, 31, 32, 48, 49]) {
      for (const [place] of pathOf(levels, index).entries()) {
        const lying = right.map(([at, path]) => {
          if (at !== index) return [at, path] as const;
          return [at, path.map((hash, one) => (one === place ? leafHash(hash) : hash))] as const;
        });
        expect(told(lying), `${index} ${place}`).toBe(`entry ${index} is not in the tree of size ${SIZE}`);
      }
    }
  });

  it("fail where a lie is shared with a proof that nobody checked, since its entry is not in the pack", () => {
    const packed = lines.filter((_, index) => index !== 7);
    const lying = right.map(([index, path]) => {
      const lies = path.map((hash, place) => (place === path.length - 1 ? leafHash(hash) : hash));
      return [index, index === 7 || index === 8 ? lies : path] as const;
    });
    const found = told(lying, packed);
    expect(found).toContain(`entry 8 is not in the tree of size ${SIZE}`);
    expect(found).toContain("proof of entry 7, which is not in the pack");
    expect(found).not.toContain("entry 9 ");
  });

  it("are missed where there are none, and told of where they are of something else", () => {
    expect(told(right.slice(1))).toBe("entry 0 has no proof");
    const strange = [60, pathOf(levels, 7)] as const;
    const around = [...right.slice(0, 7), strange, ...right.slice(7)];
    expect(told(around)).toBe("proof of entry 60, which is not in the pack");
  });
});

describe("lines of a file", () => {
  it("come with their text where all about them is ASCII, and without it where something is not", () => {
    const told = (data: Uint8Array) => {
      const found: (string | null)[] = [];
      const source = new BytesSource(data);
      new Stretch(source, 0, data.length).lines((line, _, text) => {
        if (text !== null) expect(ascii(text)).toEqual(line);
        found.push(text);
      });
      return found;
    };
    expect(told(ascii("one\ntwo\n"))).toEqual(["one", "two"]);
    expect(told(ascii("one\nzwölf\n"))).toEqual([null, null]);
    expect(told(Uint8Array.of(0xff, 10))).toEqual([null]);
    expect(told(Uint8Array.of(0xc3, 10, 65, 10))).toEqual([null, null]);
  });
});
