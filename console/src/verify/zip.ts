/**
 * The zip of an evidence pack, read as `ledger.pack.read_zip` reads it: only what the writer writes, byte for byte.
 * Files are stored and not compressed, so there is nothing to unpack and no bomb to meet; nothing can hide between two
 * files, behind a comment or under a name that stands twice.
 */
import { isSame } from "./bytes";
import { byCodePoint } from "./canonical";
import { crc32 } from "./crc32";
import { BrokenInput, TooLarge } from "./fault";
import { Sha256 } from "./sha256";
import { type Source, Stretch } from "./source";

const PACK_BYTES_MAX = 2 ** 30;
const FILE_BYTES_MAX = 2 ** 29;
const FILES_MAX = 10_000;
const NAME_BYTES_MAX = 240;
const LOCAL = 30;
const CENTRAL = 46;
const END = 22;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*(\/[A-Za-z0-9_][A-Za-z0-9_.@-]*)*$/;

/** One file: where it lies, and the digest of what it holds. */
export interface PackedFile {
  readonly content: Stretch;
  readonly sha256: Uint8Array;
}

interface Header {
  readonly name: string;
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** The files of a pack by name; any other bytes are `BrokenInput`. `advance` is told how many bytes were read. */
export function readZip(source: Source, advance: (bytes: number) => void): Map<string, PackedFile> {
  if (source.size > PACK_BYTES_MAX + (FILES_MAX + 1) * 2 * (NAME_BYTES_MAX + 64)) {
    throw new TooLarge(`expected a pack of at most ${PACK_BYTES_MAX} bytes`);
  }
  const headers = headersOf(source);
  const total = headers.reduce((sum, one) => sum + one.end - one.start, 0);
  if (total > PACK_BYTES_MAX) throw new TooLarge(`expected a pack of at most ${PACK_BYTES_MAX} bytes`);
  const files = new Map<string, PackedFile>();
  const directory: Uint8Array[] = [];
  let last = "";
  for (const header of headers) {
    if (last !== "" && byCodePoint(last, header.name) >= 0) throw otherwise();
    last = header.name;
    const content = new Stretch(source, header.start, header.end);
    const digest = new Sha256();
    let crc = 0;
    for (const piece of content.pieces()) {
      digest.update(piece);
      crc = crc32(piece, crc);
      advance(piece.length);
    }
    if (!isSame(source.bytes(header.at, header.start), localHeader(header, crc))) throw otherwise();
    directory.push(centralHeader(header, crc));
    files.set(header.name, { content, sha256: digest.digest() });
  }
  checkEnd(source, directory, headers.at(-1)?.end ?? 0);
  return files;
}

function otherwise(): BrokenInput {
  return new BrokenInput("expected a pack as it was written: stored files in order, and nothing beside them");
}

function headersOf(source: Source): Header[] {
  const headers: Header[] = [];
  const seen = new Set<string>();
  let at = 0;
  while (isLocal(source, at)) {
    const header = headerAt(source, at);
    if (seen.has(header.name)) throw new BrokenInput("expected each file once", header.name);
    if (headers.length === FILES_MAX) throw new TooLarge(`expected at most ${FILES_MAX} files`);
    seen.add(header.name);
    headers.push(header);
    at = header.end;
  }
  return headers;
}

function isLocal(source: Source, at: number): boolean {
  if (at + 4 > source.size) return false;
  const mark = source.bytes(at, at + 4);
  return mark[0] === 0x50 && mark[1] === 0x4b && mark[2] === 3 && mark[3] === 4;
}

function headerAt(source: Source, at: number): Header {
  if (at + LOCAL > source.size) throw new BrokenInput("expected a whole header of a file");
  const data = source.bytes(at, at + LOCAL);
  const view = new DataView(data.buffer, data.byteOffset, LOCAL);
  const [flags, method, extra] = [view.getUint16(6, true), view.getUint16(8, true), view.getUint16(28, true)];
  const [stored, size, nameBytes] = [
    view.getUint32(18, true),
    view.getUint32(22, true),
    view.getUint16(26, true),
  ];
  if (method || flags || extra || stored !== size) {
    throw new BrokenInput("expected a stored file without compression, encryption or extra fields");
  }
  if (nameBytes > NAME_BYTES_MAX || size > FILE_BYTES_MAX)
    throw new TooLarge("expected a file within the limits");
  const start = at + LOCAL + nameBytes;
  if (start + size > source.size) throw new BrokenInput("expected a whole file");
  const octets = source.bytes(at + LOCAL, start);
  if (octets.some((octet) => octet > 127)) throw new BrokenInput("expected file names in ASCII");
  const name = String.fromCharCode(...octets);
  if (!NAME.test(name)) throw new BrokenInput("expected a plain relative file name", name.slice(0, 64));
  return { name, at, start, end: start + size };
}

/** What local and central header share, from the version on; `view` begins there. */
function fillShared(view: DataView, header: Header, crc: number): void {
  const size = header.end - header.start;
  view.setUint16(0, 20, true); // version
  view.setUint16(8, 0x0021, true); // 1980-01-01
  view.setUint32(10, crc, true);
  view.setUint32(14, size, true);
  view.setUint32(18, size, true);
  view.setUint16(22, header.name.length, true);
}

function named(size: number, name: string): Uint8Array {
  const data = new Uint8Array(size + name.length);
  for (let at = 0; at < name.length; at++) data[size + at] = name.charCodeAt(at);
  return data;
}

function localHeader(header: Header, crc: number): Uint8Array {
  const data = named(LOCAL, header.name);
  data.set([0x50, 0x4b, 3, 4]);
  fillShared(new DataView(data.buffer, 4), header, crc);
  return data;
}

function centralHeader(header: Header, crc: number): Uint8Array {
  const data = named(CENTRAL, header.name);
  const view = new DataView(data.buffer);
  data.set([0x50, 0x4b, 1, 2]);
  view.setUint16(4, 0x0314, true); // made by Unix
  fillShared(new DataView(data.buffer, 6), header, crc);
  view.setUint32(38, (0o100644 << 16) >>> 0, true);
  view.setUint32(42, header.at, true);
  return data;
}

function checkEnd(source: Source, directory: Uint8Array[], from: number): void {
  let at = from;
  for (const expected of directory) {
    const end = at + expected.length;
    if (end > source.size || !isSame(source.bytes(at, end), expected)) throw otherwise();
    at = end;
  }
  const last = new Uint8Array(END);
  const view = new DataView(last.buffer);
  last.set([0x50, 0x4b, 5, 6]);
  view.setUint16(8, directory.length, true);
  view.setUint16(10, directory.length, true);
  view.setUint32(12, at - from, true);
  view.setUint32(16, from, true);
  if (source.size !== at + END || !isSame(source.bytes(at, at + END), last)) throw otherwise();
}
