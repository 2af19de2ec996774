/** Where the bytes of a pack come from: read by window, so that a pack of a gigabyte needs a few megabytes. */

const WINDOW = 4 << 20;
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Of the platform, in workers alone; the library for pages does not declare it. */
declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

/** Random access to bytes. What `bytes` returns is good until it is called again. */
export interface Source {
  readonly size: number;
  bytes(start: number, end: number): Uint8Array;
}

/** Bytes that are in memory. */
export class BytesSource implements Source {
  constructor(private readonly data: Uint8Array) {}

  get size(): number {
    return this.data.length;
  }

  bytes(start: number, end: number): Uint8Array {
    return this.data.subarray(start, end);
  }
}

/** A file, read step by step; only in a worker, where the platform lets a reader wait. */
export class FileSource implements Source {
  private readonly reader = new FileReaderSync();
  private window: Uint8Array = new Uint8Array(0);
  private from = 0;

  constructor(private readonly file: Blob) {}

  get size(): number {
    return this.file.size;
  }

  bytes(start: number, end: number): Uint8Array {
    if (start < this.from || end > this.from + this.window.length) {
      this.from = start;
      const upto = Math.min(this.size, Math.max(end, start + WINDOW));
      this.window = new Uint8Array(this.reader.readAsArrayBuffer(this.file.slice(start, upto)));
    }
    return this.window.subarray(start - this.from, end - this.from);
  }
}

/** A stretch of a source: one file of the pack. */
export class Stretch {
  constructor(
    private readonly source: Source,
    readonly start: number,
    readonly end: number,
  ) {}

  get size(): number {
    return this.end - this.start;
  }

  /** All of it at once; for files that are known to be small. */
  whole(): Uint8Array {
    return this.source.bytes(this.start, this.end).slice();
  }

  /** A part of it, good until the source is read again. */
  part(from: number, to: number): Uint8Array {
    return this.source.bytes(this.start + from, this.start + to);
  }

  /** Piece by piece; each is good until the source is read again. */
  *pieces(): Generator<Uint8Array> {
    for (let at = this.start; at < this.end; at += WINDOW) {
      yield this.source.bytes(at, Math.min(this.end, at + WINDOW));
    }
  }

  /**
   * Hand over each line without its newline, where it begins, and its text where all about it is ASCII, which makes one
   * text for thousands of lines; null elsewhere. Each is good until the next. Returns whether the last line ended in a
   * newline; if it did not, the rest was not handed over.
   */
  lines(take: (line: Uint8Array, from: number, text: string | null) => void): boolean {
    let at = 0;
    while (at < this.size) {
      let size = Math.min(WINDOW, this.size - at);
      let block = this.part(at, at + size);
      let last = block.lastIndexOf(10);
      while (last < 0 && at + size < this.size) {
        size = Math.min(2 * size, this.size - at);
        block = this.part(at, at + size);
        last = block.lastIndexOf(10);
      }
      if (last < 0) return false;
      const text = UTF8.decode(block.subarray(0, last + 1));
      const isAscii = text.length === last + 1 && !text.includes("\ufffd");
      for (let from = 0; from <= last; ) {
        const to = block.indexOf(10, from);
        take(block.subarray(from, to), at + from, isAscii ? text.slice(from, to) : null);
        from = to + 1;
      }
      at += last + 1;
    }
    return true;
  }
}
