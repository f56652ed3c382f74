const HEADER_BYTES = 600;

/** So many copies of a file with one to four bytes changed; the same each time. */
export function changed(file: Buffer, copies: number, seed = 11): readonly Buffer[] {
  let state = seed;
  const random = (below: number): number => (state = (state * 48_271) % 0x7fff_ffff) % below;
  return Array.from({ length: copies }, (_, index) => {
    const copy = Buffer.from(file);
    const end = index % 3 === 0 ? copy.length : Math.min(copy.length, HEADER_BYTES);
    for (let change = 0; change <= index % 4; change += 1) copy[random(end)] = random(256);
    return copy;
  });
}
