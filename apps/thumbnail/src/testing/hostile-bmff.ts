/** Writes another size into every `ispe` of an AVIF. */
export function lieAvif(avif: Buffer, { width, height }: { readonly width: number; readonly height: number }): Buffer {
  const copy = Buffer.from(avif);
  for (let at = copy.indexOf('ispe'); at !== -1; at = copy.indexOf('ispe', at + 1)) {
    copy.writeUInt32BE(width, at + 8);
    copy.writeUInt32BE(height, at + 12);
  }
  return copy;
}

/** A box of an ISO container, with a size that may be false. */
export function box(name: string, body: Buffer, size = 8 + body.length): Buffer {
  const header = Buffer.from(`....${name}`, 'latin1');
  header.writeUInt32BE(size >>> 0);
  return Buffer.concat([header, body]);
}

/** The head of an AVIF whose one picture is put together from so many copies of one tile. */
export function avifOfTiles(tiles: number, side: number): Buffer {
  const u16 = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])));
  const size = Buffer.alloc(12);
  size.writeUInt32BE(side, 4);
  size.writeUInt32BE(side, 8);
  const ipma = Buffer.concat([Buffer.alloc(4), Buffer.from([0, 0, 0, 2]), u16(1), Buffer.from([1, 1]), u16(2), Buffer.from([1, 1])]);
  const iprp = box('iprp', Buffer.concat([box('ipco', box('ispe', size)), box('ipma', ipma)]));
  const dimg = box('dimg', Buffer.concat([u16(1, tiles), ...Array.from({ length: tiles }, () => u16(2))]));
  const parts = [box('pitm', Buffer.concat([Buffer.alloc(4), u16(1)])), iprp, box('iref', Buffer.concat([Buffer.alloc(4), dimg]))];
  return Buffer.concat([box('ftyp', Buffer.from('avif\0\0\0\0avifmif1')), box('meta', Buffer.concat([Buffer.alloc(4), ...parts]))]);
}
