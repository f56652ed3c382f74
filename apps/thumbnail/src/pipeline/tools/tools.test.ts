import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { Sandbox } from '../../sandbox/sandbox.ts';
import { dashed, film, pdf, sound, type FilmOptions } from '../../testing/documents.ts';
import { RED } from '../../testing/images.ts';
import { makeOne, spec } from '../../testing/thumbnails.ts';
import { readHeader } from '../read-header.ts';
import { restrictLoaders } from '../restrict-loaders.ts';
import { Tools } from './tools.ts';

const forever = new AbortController().signal;
const tools = new Tools(new Sandbox());
const needsFfmpeg = { skip: !tools.names.includes('ffmpeg') && 'ffmpeg is not installed' };
const needsPdftoppm = { skip: !tools.names.includes('pdftoppm') && 'pdftoppm is not installed' };

describe('Tools', () => {
  let folder: string;

  before(async () => {
    restrictLoaders();
    folder = await mkdtemp(join(tmpdir(), 'test-tools-'));
    process.env['TMPDIR'] = folder;
  });

  after(async () => {
    assert.deepEqual(await readdir(folder), [], 'copies of sources are left');
    await rm(folder, { recursive: true });
  });

  const FILMS: readonly FilmOptions[] = [
    { container: 'mp4', codec: 'libx264' },
    { container: 'mov', codec: 'libx264' },
    { container: 'webm', codec: 'libvpx-vp9' },
    { container: 'matroska', codec: 'mpeg4' },
  ];
  for (const options of FILMS) {
    it(`shows the first frame of ${options.container} (${options.codec}) that is not dark`, needsFfmpeg, async () => {
      const image = await tools.toImage(await film({ ...options, darkSeconds: 1 }), forever);
      assert.equal(readHeader(image, 1).format, 'bmp');
      const { data, info } = await sharp(await makeOne(image, spec(96, 96))).raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [171, 96]);
      const [red = 0, green = 255] = data;
      assert.ok(red > 200 && green < 60, `${red} ${green}`);
    });
  }

  it('shows a dark frame where there is no other', needsFfmpeg, async () => {
    const image = await tools.toImage(await film({ container: 'mp4', codec: 'libx264', darkSeconds: 2 }), forever);
    assert.equal(readHeader(image, 1).format, 'bmp');
  });

  it('turns a film that was taken upright', needsFfmpeg, async () => {
    const image = await tools.toImage(await film({ container: 'mp4', codec: 'libx264', turned: true }), forever);
    const { width, height } = readHeader(image, 1);
    assert.deepEqual([width, height], [180, 320]);
  });

  it('takes the cover of a sound as it is', needsFfmpeg, async () => {
    const cover = await sharp({ create: { width: 60, height: 60, channels: 3, background: { r: RED[0], g: 0, b: 0 } } }).jpeg().toBuffer();
    assert.ok(cover.equals(Buffer.from(await tools.toImage(await sound('mp3', cover), forever))));
  });

  for (const container of ['mp3', 'flac', 'ogg', 'wav', 'ipod', 'adts'] as const) {
    it(`draws the shape of a sound without a cover (${container})`, needsFfmpeg, async () => {
      const { format, width, height } = readHeader(await tools.toImage(await sound(container), forever), 1);
      assert.deepEqual({ format, width, height }, { format: 'png', width: 800, height: 240 });
    });
  }

  it('shows the first page of a PDF', needsPdftoppm, async () => {
    const image = await tools.toImage(pdf('1 0 0 rg 0 0 300 400 re f'), forever);
    const { format, width, height } = readHeader(image, 1);
    assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 1200, height: 1600 });
    const thumbnail = await sharp(await makeOne(image, spec(96, 96))).raw().toBuffer();
    assert.ok((thumbnail[0] ?? 0) > 240 && (thumbnail[1] ?? 255) < 20);
  });

  it('refuses what is broken, in any way', async () => {
    const broken = ['%PDF-1.7', '\0\0\0\x18ftypmp42', '\x1a\x45\xdf\xa3', 'OggS', 'fLaC', 'ID3', 'RIFF....WAVE', '\xff\xf1'];
    for (const start of broken) {
      const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(5000, 'garbage')]);
      await assert.rejects(async () => makeOne(await tools.toImage(bytes, forever), spec(32, 32)), { reason: 'CANNOT_THUMBNAIL' }, start);
    }
  });

  it('opens nothing that a film points to', needsFfmpeg, async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    for (const list of dashed(`http://127.0.0.1:${port}/`)) {
      await assert.rejects(async () => makeOne(await tools.toImage(list, forever), spec(32, 32)), { reason: 'CANNOT_THUMBNAIL' });
    }
    server.close();
    assert.equal(connections, 0);
  });

  it('kills the program when the time is over, with all that it started', needsFfmpeg, async () => {
    const long = await film({ container: 'mp4', codec: 'libx264', darkSeconds: 5, size: '1920x1080' });
    const started = performance.now();
    await assert.rejects(tools.toImage(long, AbortSignal.timeout(60)), { reason: 'CANNOT_THUMBNAIL' });
    assert.ok(performance.now() - started < 2000);
    assert.deepEqual(await programsOf('ffmpeg'), []);
  });

  it('leaves a document alone that it has no program for', async () => {
    const none = new Tools(new Sandbox(), '/nowhere');
    assert.deepEqual(none.names, []);
    const bytes = pdf('');
    assert.equal(await none.toImage(bytes, forever), bytes);
  });
});

/** The processes of this test that run the program. */
async function programsOf(name: string): Promise<readonly string[]> {
  const children = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8');
  const commands = await Promise.all(children.split(' ').filter(Boolean).map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.includes(name));
}
