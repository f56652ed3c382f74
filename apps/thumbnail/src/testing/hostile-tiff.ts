/** Values of tags, by number; all written as 32 bits. */
export type TiffTags = Readonly<Record<number, number>>;

const ENTRY_BYTES = 12;
const FIRST = 8;

/** A TIFF of one directory with these tags, and so many more that are empty, or that bite their tail. */
export function tiff(tags: TiffTags, { more = 0, isLoop = false, data = Buffer.alloc(0) } = {}): Buffer {
  const entries = Object.entries(tags).map(([tag, value]) => entry(Number(tag), value));
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  const end = FIRST + 2 + entries.length * ENTRY_BYTES + 4;
  const next = isLoop ? FIRST : more > 0 ? end + data.length : 0;
  const directories = Array.from({ length: more }, (_, index) => emptyDirectory(index + 1 < more ? end + data.length + 6 * (index + 1) : 0));
  return Buffer.concat([Buffer.from('49492a0008000000', 'hex'), count, ...entries, u32(next), data, ...directories]);
}

function entry(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(4, 2);
  bytes.writeUInt32LE(1, 4);
  bytes.writeUInt32LE(value >>> 0, 8);
  return bytes;
}

function emptyDirectory(next: number): Buffer {
  return Buffer.concat([Buffer.alloc(2), u32(next)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
