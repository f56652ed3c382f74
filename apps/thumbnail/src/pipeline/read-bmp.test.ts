import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bmp, type Bitmap } from '../testing/bitmaps.ts';
import { readBmp } from './read-bmp.ts';

/** Black, red, green, blue. */
const PALETTE = Buffer.from('000000000000ff0000ff0000ff000000', 'hex');
const COLOURS: Readonly<Record<string, readonly number[]>> = { '.': [0, 0, 0, 255], R: [255, 0, 0, 255], G: [0, 255, 0, 255], B: [0, 0, 255, 255] };

describe('readBmp', () => {
  const kinds: Readonly<Record<string, Bitmap>> = {
    '4 bits, from the bottom up': { width: 3, height: 2, bits: 4, palette: PALETTE, pixels: hex('30100000', '12300000') },
    '8 bits, from the top down': { width: 3, height: -2, bits: 8, palette: PALETTE, pixels: hex('01020300', '03000100') },
    '24 bits': { width: 3, height: 2, bits: 24, pixels: hex('ff0000000000' + '0000ff000000', '0000ff00ff00ff0000000000') },
    '16 bits of 555': { width: 3, height: -2, bits: 16, pixels: hex('007ce0031f000000', '1f000000007c0000') },
    '16 bits of 565': { width: 3, height: -2, bits: 16, compression: 3, masks: [0xf800, 0x07e0, 0x001f], pixels: hex('00f8e0071f000000', '1f00000000f80000') },
    '32 bits, whose fourth byte is nothing': { width: 3, height: -2, bits: 32, pixels: hex('0000ff0000ff0000ff000000', 'ff000000000000000000ff00') },
    'runs of 8 bits': { width: 3, height: 2, bits: 8, compression: 1, palette: PALETTE, pixels: hex('01030100', '01010000', '000301020300', '0001') },
    'runs of 8 bits that jump': { width: 3, height: 2, bits: 8, compression: 1, palette: PALETTE, pixels: hex('0103', '00020100', '0101', '0000', '000301020300', '0001') },
    'runs of 4 bits': { width: 3, height: 2, bits: 4, compression: 2, palette: PALETTE, pixels: hex('0230', '0110', '0000', '00031230', '0001') },
  };
  for (const [name, bitmap] of Object.entries(kinds)) {
    it(`reads ${name}`, () => {
      const { data, width, height, channels } = readBmp(bmp(bitmap));
      assert.deepEqual({ width, height, channels }, { width: 3, height: 2, channels: 4 });
      assert.deepEqual([...data], [...'RGBB.R'].flatMap((letter) => COLOURS[letter] ?? []));
    });
  }

  it('reads one bit a pixel', () => {
    const { data } = readBmp(bmp({ width: 10, height: -1, bits: 1, palette: PALETTE, pixels: hex('55400000') }));
    assert.deepEqual([...data].filter((_, at) => at % 4 === 0), [0, 255, 0, 255, 0, 255, 0, 255, 0, 255]);
  });

  it('shows what shines through where a mask says so', () => {
    const file = bmp({ width: 1, height: 1, bits: 32, compression: 3, masks: [0xff0000, 0xff00, 0xff, 0xff00_0000], pixels: hex('0000ff80') });
    file.writeUInt32LE(56, 14); // The header that names a mask for alpha.
    assert.deepEqual([...readBmp(file).data], [255, 0, 0, 128]);
  });

  it('takes colours beyond the palette for black', () => {
    assert.deepEqual([...readBmp(bmp({ width: 1, height: 1, bits: 8, palette: PALETTE, pixels: hex('ff000000') })).data], [0, 0, 0, 255]);
  });

  it('refuses what lacks pixels, runs that do not end, and kinds that embed other formats', () => {
    const refused: readonly Bitmap[] = [
      { width: 100, height: 100, bits: 24, pixels: Buffer.alloc(100 * 300 - 1) },
      { width: 4, height: 4, bits: 8, compression: 1, pixels: hex('0401') },
      { width: 4, height: 4, bits: 24, compression: 4 },
      { width: 4, height: 4, bits: 24, compression: 5 },
      { width: 4, height: 4, bits: 24, compression: 1 },
      { width: 4, height: 4, bits: 2 },
      { width: -4, height: 4, bits: 24 },
    ];
    for (const bitmap of refused) assert.throws(() => readBmp(bmp(bitmap)), { reason: 'CANNOT_THUMBNAIL' });
  });
});

function hex(...rows: readonly string[]): Buffer {
  return Buffer.from(rows.join(''), 'hex');
}
