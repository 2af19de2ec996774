// Verifies a directory of a tiled transparency log, written from the specifications and from nothing else:
//
//   c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint, c2sp.org/signed-note, c2sp.org/tlog-cosignature
//   RFC 9162 sections 2.1.1 (tree), 2.1.3.2 (inclusion), 2.1.4.2 (consistency), RFC 8032 (Ed25519)
//
//   node tlog.mjs DIRECTORY LOG-VKEY [--older NOTE-FILE]... [--witness VKEY]...
//
// It shares no line with the service that wrote the log; Node's own modules are all it uses. Exit status 0: everything
// holds. 1: something does not, and the first thing is named. 2: usage.

import { createHash, createPublicKey, verify as verifySignature } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const HASH = 32;
const WIDTH = 256;
const PROOFS_MAX = 300; // indexes and sizes that are proved in a large log; all of them in a small one
const ED25519 = 1;
const COSIGNED_ED25519 = 4;
const COSIGNED_ML_DSA = 6;
const SIGNATURES_MAX = 64;

class Fault extends Error {}

function demand(holds, text) {
  if (!holds) throw new Fault(text);
}

function say(what, text) {
  process.stdout.write(`${what.padEnd(13)}${text}\n`);
}

// ---- hashes: RFC 9162 section 2.1.1

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const leafHash = (entry) => sha256(Buffer.of(0), entry);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

/** The largest power of two below n. */
function halfOf(n) {
  let k = 1n;
  while (k * 2n < n) k *= 2n;
  return k;
}

// ---- notes: signed-note

function base64(text, what) {
  const data = Buffer.from(text, "base64");
  demand(data.toString("base64") === text, `${what}: base64 with padding expected`);
  return data;
}

function parseVkey(text) {
  const parts = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  demand(parts, "a verifier key expected");
  const key = base64(parts[3], "verifier key");
  const id = sha256(parts[1], "\n", key).subarray(0, 4).toString("hex");
  demand(id === parts[2], `verifier key ${parts[1]}: its id is ${id}`);
  return { name: parts[1], id, type: key[0], raw: key.subarray(1) };
}

function parseNote(bytes) {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  demand(!/[\u0000-\u0009\u000b-\u001f]/u.test(text), "a note without control characters expected");
  const split = text.lastIndexOf("\n\n");
  demand(split > 0 && text.endsWith("\n"), "a text and signatures expected in a note");
  const lines = text.slice(split + 2, -1).split("\n");
  demand(lines.length <= SIGNATURES_MAX, "too many signatures in a note");
  const signatures = lines.map((line) => {
    const parts = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
    demand(parts, "a signature line expected");
    const data = base64(parts[2], "signature");
    demand(data.length > 4, "a key id and a signature expected");
    return { name: parts[1], id: data.subarray(0, 4).toString("hex"), value: data.subarray(4) };
  });
  return { text: text.slice(0, split + 1), signatures };
}

function checkEd25519(raw, message, signature) {
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  return verifySignature(null, message, createPublicKey({ key: spki, format: "der", type: "spki" }), signature);
}

/** The lines of a known key; one that does not verify rejects the note. */
function signedBy(note, key) {
  const lines = note.signatures.filter((line) => line.name === key.name && line.id === key.id);
  for (const { value } of lines) {
    if (key.type === ED25519) {
      demand(value.length === 64 && checkEd25519(key.raw, Buffer.from(note.text), value), `${key.name}: bad signature`);
    } else if (key.type === COSIGNED_ED25519) {
      demand(value.length === 72, `${key.name}: a time and a signature expected`);
      const message = `cosignature/v1\ntime ${value.readBigUInt64BE(0)}\n${note.text}`;
      demand(checkEd25519(key.raw, Buffer.from(message), value.subarray(8)), `${key.name}: bad cosignature`);
    } else {
      demand(key.type === COSIGNED_ML_DSA, `${key.name}: an unknown type of key`);
      demand(value.length === 8 + 2420, `${key.name}: a time and an ML-DSA-44 signature expected`);
    }
  }
  return lines;
}

// ---- checkpoints: tlog-checkpoint

function openCheckpoint(bytes, key) {
  const note = parseNote(bytes);
  demand(signedBy(note, key).length > 0, `no signature by ${key.name} ${key.id}`);
  const [origin, size, root, ...rest] = note.text.slice(0, -1).split("\n");
  demand(origin === key.name, `origin ${origin}, expected ${key.name}`);
  demand(/^(0|[1-9][0-9]{0,18})$/.test(size), "a tree size expected");
  demand(rest.every((line) => line.length > 0), "extension lines without blanks expected");
  const hash = base64(root, "root hash");
  demand(hash.length === HASH, "a root hash of 32 bytes expected");
  return { note, origin, size: BigInt(size), root: hash };
}

// ---- tiles: tlog-tiles

function pathOf(number) {
  let rest = String(number % 1000n).padStart(3, "0");
  for (let above = number / 1000n; above > 0n; above /= 1000n) {
    rest = `x${String(above % 1000n).padStart(3, "0")}/${rest}`;
  }
  return rest;
}

class Tiles {
  constructor(folder, size) {
    this.folder = folder;
    this.size = size;
    this.cache = new Map();
    this.read = 0;
  }

  /** How many hashes tile `number` of a level has in a tree of this size. */
  widthOf(level, number) {
    const hashes = this.size >> BigInt(8 * level);
    const after = hashes - number * BigInt(WIDTH);
    return after >= WIDTH ? WIDTH : Number(after);
  }

  file(level, number) {
    const width = this.widthOf(level, number);
    demand(width > 0, `tile ${level}/${pathOf(number)} is outside of the tree`);
    const full = join(this.folder, "tile", String(level), pathOf(number));
    const partial = `${full}.p/${width}`;
    const found = width < WIDTH && existsSync(partial) ? partial : full;
    demand(existsSync(found), `missing: tile/${level}/${pathOf(number)}${width < WIDTH ? `.p/${width}` : ""}`);
    this.read += 1;
    return { data: readFileSync(found), width, isPartial: found === partial };
  }

  tile(level, number) {
    const name = `${level}/${number}`;
    if (!this.cache.has(name)) {
      const { data, width, isPartial } = this.file(level, number);
      demand(data.length === HASH * (isPartial ? width : WIDTH), `tile ${name}: ${data.length} bytes`);
      this.cache.set(name, Array.from({ length: width }, (_, i) => data.subarray(i * HASH, (i + 1) * HASH)));
    }
    return this.cache.get(name);
  }

  /** MTH of the 2^height leaves from place * 2^height on, all of them in the tree. */
  node(height, place) {
    const level = Math.floor(height / 8);
    const within = BigInt(height - 8 * level);
    const first = place << within;
    const tile = this.tile(level, first / BigInt(WIDTH));
    const at = Number(first % BigInt(WIDTH));
    let hashes = tile.slice(at, at + Number(1n << within));
    demand(hashes.length === Number(1n << within), `tile ${level}: expected more hashes`);
    while (hashes.length > 1) {
      hashes = hashes.filter((_, i) => i % 2 === 0).map((left, i) => nodeHash(left, hashes[2 * i + 1]));
    }
    return hashes[0];
  }

  /** MTH(D[start:end]), where start is a multiple of the subtree that would hold the range. */
  range(start, end) {
    const n = end - start;
    demand(n > 0n && end <= this.size, "a range inside the tree expected");
    if ((n & (n - 1n)) === 0n) return this.node(n.toString(2).length - 1, start / n);
    const k = halfOf(n);
    return nodeHash(this.range(start, start + k), this.range(start + k, end));
  }

  rootAt(size) {
    return size === 0n ? sha256("") : this.range(0n, size);
  }

  /** PATH(m, D[0:n]), by its definition. */
  inclusion(m, start, end) {
    if (end - start === 1n) return [];
    const k = halfOf(end - start);
    if (m < k) return [...this.inclusion(m, start, start + k), this.range(start + k, end)];
    return [...this.inclusion(m - k, start + k, end), this.range(start, start + k)];
  }

  /** SUBPROOF(m, D[start:end], b), by its definition. */
  consistency(m, start, end, isWhole) {
    const n = end - start;
    if (m === n) return isWhole ? [] : [this.range(start, end)];
    const k = halfOf(n);
    if (m <= k) return [...this.consistency(m, start, start + k, isWhole), this.range(start + k, end)];
    return [...this.consistency(m - k, start + k, end, false), this.range(start, start + k)];
  }
}

// ---- proofs: RFC 9162 sections 2.1.3.2 and 2.1.4.2

function isIncluded(hash, index, size, path, root) {
  if (index >= size) return false;
  let [fn, sn, r] = [index, size - 1n, hash];
  for (const p of path) {
    if (sn === 0n) return false;
    if (fn % 2n === 1n || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      r = nodeHash(r, p);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && r.equals(root);
}

function isConsistent(first, second, firstRoot, secondRoot, given) {
  if (first === second) return given.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0n || given.length === 0) return false;
  const path = (first & (first - 1n)) === 0n ? [firstRoot, ...given] : given;
  let [fn, sn] = [first - 1n, second - 1n];
  while (fn % 2n === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  let [fr, sr] = [path[0], path[0]];
  for (const c of path.slice(1)) {
    if (sn === 0n) return false;
    if (fn % 2n === 1n || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = nodeHash(sr, c);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return fr.equals(firstRoot) && sr.equals(secondRoot) && sn === 0n;
}

// ---- the whole directory

/** Every bundle hashes to level 0, every full tile to the level above; how many entries and tiles there were. */
function checkTiles(folder, tiles) {
  let entries = 0n;
  let count = 0;
  for (let number = 0n; number * BigInt(WIDTH) < tiles.size; number += 1n) {
    const hashes = tiles.tile(0, number);
    const place = join(folder, "tile", "entries", pathOf(number));
    const file = hashes.length < WIDTH && existsSync(`${place}.p/${hashes.length}`) ? `${place}.p/${hashes.length}` : place;
    demand(existsSync(file), `missing: bundle ${pathOf(number)} of ${hashes.length} entries`);
    const bundle = readFileSync(file);
    let at = 0;
    for (const hash of hashes) {
      demand(at + 2 <= bundle.length, `bundle ${pathOf(number)}: a length expected`);
      const end = at + 2 + bundle.readUInt16BE(at);
      demand(end <= bundle.length, `bundle ${pathOf(number)}: a whole entry expected`);
      demand(leafHash(bundle.subarray(at + 2, end)).equals(hash), `entry ${entries} does not hash to its leaf`);
      at = end;
      entries += 1n;
    }
    demand(hashes.length === WIDTH || file === place || at === bundle.length, `bundle ${pathOf(number)}: bytes left over`);
    demand(hashes.length < WIDTH || at === bundle.length, `bundle ${pathOf(number)}: bytes left over`);
  }
  for (let level = 0; tiles.size >> BigInt(8 * level) > 0n; level += 1) {
    const hashes = tiles.size >> BigInt(8 * level);
    for (let number = 0n; number * BigInt(WIDTH) < hashes; number += 1n) {
      const tile = tiles.tile(level, number);
      count += 1;
      if (tile.length === WIDTH) {
        let above = tile;
        while (above.length > 1) above = above.filter((_, i) => i % 2 === 0).map((l, i) => nodeHash(l, above[2 * i + 1]));
        const parent = tiles.tile(level + 1, number / BigInt(WIDTH))[Number(number % BigInt(WIDTH))];
        demand(above[0].equals(parent), `tile ${level}/${pathOf(number)} does not hash to the level above`);
      }
    }
  }
  demand(entries === tiles.size, `${entries} entries, expected ${tiles.size}`);
  return { entries, count };
}

/** All places of a small log; of a large one the edges of tiles and places spread evenly. */
function places(size) {
  const every = size > BigInt(PROOFS_MAX) ? size / BigInt(PROOFS_MAX) + 1n : 1n;
  const found = new Set([0n, size - 1n, 255n, 256n, 257n, 65_535n, 65_536n].filter((one) => one >= 0n && one < size));
  for (let at = 0n; at < size; at += every) found.add(at);
  return [...found].sort((one, other) => (one < other ? -1 : 1));
}

function run(folder, key, older, witnesses) {
  const head = openCheckpoint(readFileSync(join(folder, "checkpoint")), key);
  say("checkpoint", `${head.origin}, size ${head.size}, root ${head.root.toString("hex")}`);
  say("signed", `Ed25519, by ${key.name} ${key.id}; ${head.note.signatures.length} signature lines in the note`);
  for (const witness of witnesses) {
    const lines = signedBy(head.note, witness);
    const how = witness.type === COSIGNED_ML_DSA ? "ML-DSA-44, not run: Node has none" : "Ed25519 cosignature";
    say("cosigned", lines.length ? `${how}, by ${witness.name} ${witness.id}` : `not by ${witness.name} ${witness.id}`);
    demand(lines.length > 0, `no cosignature by ${witness.name}`);
  }
  const tiles = new Tiles(folder, head.size);
  const { entries, count } = checkTiles(folder, tiles);
  say("tiles", `${count} tiles of ${entries} entries; bundles hash to level 0, full tiles to the level above`);
  demand(tiles.rootAt(head.size).equals(head.root), "the tiles give another root than the checkpoint states");
  say("root", "the tiles give the root that is signed");
  const indexes = places(head.size);
  for (const index of indexes) {
    const path = tiles.inclusion(index, 0n, head.size);
    demand(isIncluded(tiles.node(0, index), index, head.size, path, head.root), `entry ${index} is not included`);
    demand(!isIncluded(sha256("another"), index, head.size, path, head.root), "a proof for any leaf proves nothing");
  }
  say("inclusion", `${indexes.length} entries proved by their paths`);
  const sizes = indexes.map((index) => index + 1n);
  for (const size of sizes) {
    const path = tiles.consistency(size, 0n, head.size, true);
    const root = tiles.rootAt(size);
    demand(isConsistent(size, head.size, root, head.root, path), `size ${size} is no prefix of size ${head.size}`);
  }
  say("consistency", `${sizes.length} older sizes proved to be prefixes`);
  for (const file of older) {
    const old = openCheckpoint(readFileSync(file), key);
    demand(old.size > 0n && old.size <= head.size, `the older checkpoint of size ${old.size} is not older`);
    const path = tiles.consistency(old.size, 0n, head.size, true);
    demand(isConsistent(old.size, head.size, old.root, head.root, path), `forked: size ${old.size} is no prefix`);
    say("extends", `the checkpoint of size ${old.size} that was kept elsewhere`);
  }
}

function main(arguments_) {
  const [folder, vkey, ...options] = arguments_;
  const older = [];
  const witnesses = [];
  for (let at = 0; at < options.length; at += 2) {
    if (options[at] === "--older") older.push(options[at + 1]);
    else if (options[at] === "--witness") witnesses.push(options[at + 1]);
    else return usage();
  }
  if (!folder || !vkey || options.length % 2) return usage();
  try {
    const key = parseVkey(vkey);
    demand(key.type === ED25519 && key.raw.length === HASH, "an Ed25519 key of a log expected");
    run(folder, key, older, witnesses.map(parseVkey));
  } catch (error) {
    if (!(error instanceof Fault) && !error.code) throw error;
    say("FAULT", error.message);
    return 1;
  }
  say("holds", "everything");
  return 0;
}

function usage() {
  process.stderr.write("usage: node tlog.mjs DIRECTORY LOG-VKEY [--older NOTE-FILE]... [--witness VKEY]...\n");
  return 2;
}

process.exitCode = main(process.argv.slice(2));
