import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANIMATED_WEBP, SIDEWAYS_JPEG } from '@medley/testing/image-fixtures';
import { paintPng } from '@medley/testing/images';
import { encodeLyingPng } from '@medley/testing/png';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError, assertNotCacheable } from '../harness/expect.ts';
import type { Query } from '../harness/http-call.ts';
import { readThumbnail } from './thumbnail.ts';
import type { System } from '../harness/system.ts';

const PLAIN_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><text>&a;</text></svg>';
const REFERRING_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><image href="http://127.0.0.1/x.png" width="9" height="9"/></svg>';
const ANY_400 = ['M_UNKNOWN', 'M_MISSING_PARAM', 'M_INVALID_PARAM'];

/** What has no thumbnail (N87, N89, N94). */
export function describeThumbnailRefusals(system: System): void {
  describe('thumbnail, refused', () => {
    parameters(system);
    noImages(system);
    hostileImages(system);
  });
}

function parameters({ site }: System): void {
  const queries: readonly Query[] = [
    {}, { width: 32 }, { height: 32 }, { width: '', height: 32 }, { width: 0, height: 32 }, { width: -5, height: 32 },
    { width: 'abc', height: 32 }, { width: 1.5, height: 32 }, { width: '32px', height: 32 }, { width: '1e2', height: 32 },
    { width: 32, height: '0x20' }, { width: ' 32', height: 32 }, { width: '9'.repeat(40), height: 32 },
    { width: 32, height: 32, method: 'stretch' }, { width: 32, height: 32, method: '' }, { width: 32, height: 32, method: 'CROP' },
  ];
  it('refuses sizes and methods that are missing or malformed', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(50, 50));
    for (const query of queries) assertError(await user.thumbnail(uri, query), 400, ANY_400);
  });
}

function noImages({ site }: System): void {
  const sources: Readonly<Record<string, { readonly bytes: Uint8Array; readonly type: string }>> = {
    'random bytes that claim to be a PNG': { bytes: randomBody(5000), type: 'image/png' },
    'text': { bytes: Buffer.from('just text'), type: 'text/plain' },
    'nothing': { bytes: Buffer.alloc(0), type: 'image/png' },
    'an SVG that refers to something else': { bytes: Buffer.from(REFERRING_SVG), type: 'image/svg+xml' },
    'an SVG with entities, which claims to be a PNG': { bytes: Buffer.from(`<!DOCTYPE svg [<!ENTITY a "b">]>${PLAIN_SVG}`), type: 'image/png' },
    'PostScript that claims to be a JPEG': { bytes: Buffer.from('%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n'), type: 'image/jpeg' },
    'the first half of a PNG': { bytes: paintPng(300, 300).subarray(0, 2000), type: 'image/png' },
    'the first bytes of a JPEG': { bytes: SIDEWAYS_JPEG.subarray(0, 400), type: 'image/jpeg' },
    'the first bytes of a WebP': { bytes: ANIMATED_WEBP.subarray(0, 40), type: 'image/webp' },
  };
  for (const [what, { bytes, type }] of Object.entries(sources)) {
    it(`has no thumbnail of ${what}, and still gives it back`, async () => {
      const user = site.user();
      const uri = await user.upload(bytes, { type });
      for (const query of [{ width: 32, height: 32 }, { width: 800, height: 600, method: 'crop' }]) {
        const answer = await user.thumbnail(uri, query);
        assertError(answer, 400, 'M_UNKNOWN');
        assertNotCacheable(answer);
      }
      assertBytes(await user.download(uri), Buffer.from(bytes));
    });
  }
}

function hostileImages({ site }: System): void {
  it('refuses an image that is smaller than its header says', async () => {
    const user = site.user();
    const uri = await user.upload(encodeLyingPng(4000, 4000, 1), { type: 'image/png' });
    assertError(await user.thumbnail(uri, { width: 32, height: 32 }), 400, 'M_UNKNOWN');
  });

  it('refuses more pixels than the operator allows without decoding them', async () => {
    const user = site.user();
    for (const [width, height] of [[60_000, 60_000], [8000, 4001], [2_147_483_647, 2_147_483_647]] as const) {
      const answer = await user.thumbnail(await user.upload(encodeLyingPng(width, height, 0), { type: 'image/png' }), { width: 32, height: 32 });
      assert.ok([400, 413].includes(answer.status), `got ${answer.status}`);
      if (width < 100_000) assertError(answer, 413, 'M_TOO_LARGE');
      assert.ok(answer.tookMs < 5000, `took ${answer.tookMs} ms`);
    }
  });

  it('refuses a bomb: few bytes that are many pixels', async () => {
    const user = site.user();
    const uri = await user.upload(encodeLyingPng(6000, 6000, 6000), { type: 'image/png' });
    assertError(await user.thumbnail(uri, { width: 32, height: 32 }), 413, 'M_TOO_LARGE');
  });

  it('goes on making thumbnails', async () => {
    const user = site.user();
    assert.equal(readThumbnail(await user.thumbnail(await user.upload(paintPng(100, 100)), { width: 32, height: 32, method: 'crop' })).width, 32);
  });
}
