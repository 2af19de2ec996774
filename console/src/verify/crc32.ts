/** CRC-32 as zip files state it (polynomial 0xEDB88320), eight bytes at a time. */

const TABLES = tables();

function tables(): Uint32Array[] {
  const first = new Uint32Array(256);
  for (let octet = 0; octet < 256; octet++) {
    let value = octet;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    first[octet] = value;
  }
  const all = [first];
  for (let number = 1; number < 8; number++) {
    const before = all[number - 1] as Uint32Array;
    all.push(before.map((value) => (value >>> 8) ^ (first[value & 255] as number)));
  }
  return all;
}

/** The checksum of more bytes after those whose checksum is `before`. */
export function crc32(data: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  let crc = ~before;
  let at = 0;
  for (; at + 8 <= data.length; at += 8) {
    const low =
      crc ^
      ((data[at] as number) |
        ((data[at + 1] as number) << 8) |
        ((data[at + 2] as number) << 16) |
        ((data[at + 3] as number) << 24));
    crc =
      (t7[low & 255] as number) ^
      (t6[(low >>> 8) & 255] as number) ^
      (t5[(low >>> 16) & 255] as number) ^
      (t4[low >>> 24] as number) ^
      (t3[data[at + 4] as number] as number) ^
      (t2[data[at + 5] as number] as number) ^
      (t1[data[at + 6] as number] as number) ^
      (t0[data[at + 7] as number] as number);
  }
  for (; at < data.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (data[at] as number)) & 255] as number);
  return ~crc >>> 0;
}
