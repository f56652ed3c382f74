/** The parts of a file up to each place where its format begins something new, and to a byte before and after each. */
export function cuts(file: Buffer, format: string): readonly Buffer[] {
  const ends = boundaries(file, format).flatMap((at) => [at - 1, at, at + 1]);
  return [...new Set(ends)].filter((end) => end >= 0 && end < file.length).map((end) => file.subarray(0, end));
}

function boundaries(file: Buffer, format: string): readonly number[] {
  switch (format) {
    case 'jpeg':
      return places(file, /\xff[\xc0-\xfe]/g);
    case 'png':
      return hops(file, 8, (at) => 12 + file.readUInt32BE(at));
    case 'webp':
      return hops(file, 12, (at) => 8 + file.readUInt32LE(at + 4));
    case 'avif':
      return [...hops(file, 0, (at) => Math.max(8, file.readUInt32BE(at))), ...places(file, /ispe|ipco|ipma|iloc|iinf|pitm|av1C|mdat/g)];
    case 'svg':
      return places(file, /[<>"]/g);
    default:
      return [...Array.from({ length: 64 }, (_, index) => index), ...Array.from({ length: 64 }, (_, index) => Math.floor((file.length * index) / 64))];
  }
}

function places(file: Buffer, mark: RegExp): readonly number[] {
  return Array.from(file.toString('latin1').matchAll(mark), ({ index }) => index).slice(0, 200);
}

function hops(file: Buffer, start: number, lengthAt: (at: number) => number): readonly number[] {
  const found: number[] = [];
  for (let at = start; at + 8 <= file.length; at += lengthAt(at)) found.push(at, at + 4, at + 8);
  return found;
}
