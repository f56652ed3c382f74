import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ANIMATED_GIF, ANIMATED_WEBP, SIDEWAYS_JPEG, STILL_GIF, STILL_WEBP } from '@medley/testing/image-fixtures';
import { readImageFacts } from '@medley/testing/image-size';
import { paintBmp, paintPng, paintSvg, paintTransparentPng } from '@medley/testing/images';
import { assertError } from '../harness/expect.ts';
import type { Answer } from '../harness/http-call.ts';
import type { MediaUser } from '../harness/media-user.ts';
import type { System } from '../harness/system.ts';
import { readThumbnail } from './thumbnail.ts';

/** What clients send: none of the first four names a format that not everybody shows. */
const COMMON = [undefined, '*/*', 'image/*', 'image/png,image/*;q=0.8,*/*;q=0.5'];
const WEBP = ['image/webp', 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/webp;q=0.1'];
const AVIF = ['image/avif,*/*', 'image/avif, image/webp;q=0.5'];

interface Source {
  readonly bytes: Buffer;
  /** What its stills are where no other format is taken. */
  readonly still: string;
  readonly moves?: boolean;
}

const SOURCES: Readonly<Record<string, Source>> = {
  'a PNG': { bytes: paintPng(60, 40), still: 'image/png' },
  'a clear PNG': { bytes: paintTransparentPng(60, 40), still: 'image/png' },
  'a JPEG': { bytes: SIDEWAYS_JPEG, still: 'image/jpeg' },
  'a GIF': { bytes: STILL_GIF, still: 'image/jpeg' },
  'a WebP': { bytes: STILL_WEBP, still: 'image/jpeg' },
  'an animated GIF': { bytes: ANIMATED_GIF, still: 'image/jpeg', moves: true },
  'an animated WebP': { bytes: ANIMATED_WEBP, still: 'image/jpeg', moves: true },
};

const SIZES = [[16, 16, 'crop'], [32, 24, 'scale'], [640, 480, 'scale']] as const;

/** The formats of thumbnails (N88, N90), chosen by `Accept`. */
export function describeThumbnailFormats(system: System): void {
  describe('the format of a thumbnail', () => {
    for (const [name, source] of Object.entries(SOURCES)) {
      it(`suits the client: ${name}`, () => checkSource(system, source));
    }
    transcoded(system);
    answersVary(system);
  });
}

async function checkSource({ site }: System, { bytes, still, moves = false }: Source): Promise<void> {
  const user = site.user();
  const uri = await user.upload(bytes);
  for (const animated of [false, true]) {
    for (const accept of [...COMMON, ...WEBP, ...AVIF]) {
      const isMoving = animated && moves;
      const expected = expectedType(accept, isMoving, animated) ?? (isMoving ? 'image/gif' : still);
      for (const [width, height, method] of SIZES) {
        const answer = await user.thumbnail(uri, { width, height, method, animated }, accept === undefined ? {} : { headers: { accept } });
        checkType(answer, expected, isMoving, `${accept} ${width}x${height} ${method} animated=${animated}`);
      }
    }
  }
}

function expectedType(accept: string | undefined, isMoving: boolean, animated: boolean): string | undefined {
  if (accept !== undefined && WEBP.includes(accept)) return 'image/webp';
  if (accept === undefined || !AVIF.includes(accept)) return undefined;
  if (animated) return accept.includes('image/webp') ? 'image/webp' : undefined;
  return isMoving ? undefined : 'image/avif';
}

function checkType(answer: Answer, type: string, isMoving: boolean, what: string): void {
  assert.equal(answer.status, 200, `${what}: ${answer.body.toString('utf8', 0, 200)}`);
  assert.equal(answer.headers['content-type'], type, what);
  assert.equal(answer.headers['content-disposition'], `inline; filename=thumbnail.${type.replace('image/', '').replace('jpeg', 'jpg')}`);
  assert.match(answer.headers.vary ?? '', /\bAccept\b/, what);
  if (type === 'image/avif') assert.equal(answer.body.toString('latin1', 4, 12), 'ftypavif', what);
  else assert.deepEqual([readImageFacts(answer.body).type, readImageFacts(answer.body).animated], [type, isMoving], what);
}

function transcoded({ site }: System): void {
  const sources = { 'an SVG': paintSvg(20, 10), 'an SVG that claims to be a PNG': paintSvg(20, 10), 'a BMP': paintBmp(20, 10) };
  for (const [name, bytes] of Object.entries(sources)) {
    it(`is never that of ${name}, however small it is`, async () => {
      const user = site.user();
      const uri = await user.upload(bytes, { type: name.endsWith('PNG') ? 'image/png' : 'image/svg+xml' });
      for (const side of [8, 32, 640]) {
        const { type, width, height } = readThumbnail(await user.thumbnail(uri, { width: side, height: side }));
        assert.ok(['image/png', 'image/jpeg'].includes(type));
        assert.ok(width === 2 * height, `${width}x${height}`);
        if (name === 'a BMP') assert.equal(width, 20); // a drawing has no pixels of its own
      }
    });
  }
}

function answersVary({ site }: System): void {
  const query = { width: 32, height: 32, method: 'crop' };
  const ask = (user: MediaUser, uri: Parameters<MediaUser['thumbnail']>[0], accept: string): Promise<Answer> => user.thumbnail(uri, query, { headers: { accept } });

  it('is the right one for each client of the same URL, again and again', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(200, 150));
    const first = new Map<string, Answer>();
    for (let round = 0; round < 3; round += 1) {
      for (const [accept, type] of [['image/webp', 'image/webp'], ['*/*', 'image/png'], ['image/avif', 'image/avif'], ['image/webp;q=0', 'image/png']] as const) {
        const answer = await ask(user, uri, accept);
        assert.equal(answer.headers['content-type'], type, `${accept} in round ${round}`);
        const { body, headers } = first.get(type) ?? answer;
        assert.ok(answer.body.equals(body));
        assert.equal(answer.headers.etag, headers.etag);
        first.set(type, answer);
      }
    }
    assert.equal(new Set([...first.values()].map(({ headers }) => headers.etag)).size, 3);
  });

  it('is named by Vary also where there are no bytes', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(200, 150));
    const { headers } = await ask(user, uri, 'image/webp');
    const others = [
      await user.thumbnail(uri, query, { method: 'HEAD' }),
      await user.thumbnail(uri, query, { headers: { 'accept': 'image/webp', 'if-none-match': headers.etag } }),
      await user.thumbnail(await user.upload('no image'), query),
    ];
    assert.deepEqual(others.map(({ status }) => status), [200, 304, 400]);
    for (const answer of others) assert.match(answer.headers.vary ?? '', /\bAccept\b/);
  });

  it('does not reuse what another client has kept', async () => {
    const user = site.user();
    const uri = await user.upload(paintPng(200, 150));
    const { etag } = (await ask(user, uri, 'image/webp')).headers;
    assert.equal((await user.thumbnail(uri, query, { headers: { 'if-none-match': etag } })).status, 200);
    assertError(await user.thumbnail(uri, { ...query, animated: 'maybe' }), 400, 'M_INVALID_PARAM');
  });
}
