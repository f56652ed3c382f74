import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FilmOptions {
  readonly container: 'mp4' | 'mov' | 'webm' | 'matroska';
  readonly codec: string;
  /** So long it is black, before it is red. */
  readonly darkSeconds?: number;
  readonly size?: string;
  /** Whether it says that it is to be turned by a quarter. */
  readonly turned?: boolean;
}

/** A film of two seconds or as long as it is dark; made by ffmpeg. */
export function film({ container, codec, darkSeconds = 0, size = '320x180', turned = false }: FilmOptions): Promise<Buffer> {
  const seconds = Math.max(2, darkSeconds);
  const source = `color=red:s=${size}:r=10:d=${seconds},drawbox=c=black:t=fill:enable='lt(t,${darkSeconds})'`;
  const speed = codec === 'libvpx-vp9' ? ['-cpu-used', '8', '-deadline', 'realtime'] : [];
  return byFfmpeg(['-f', 'lavfi', '-i', source, '-c:v', codec, ...speed, '-pix_fmt', 'yuv420p', '-t', String(seconds)], container, turned);
}

/** Two seconds of a tone, with or without a cover; made by ffmpeg. */
export async function sound(container: 'mp3' | 'flac' | 'ogg' | 'wav' | 'ipod' | 'adts', cover?: Buffer): Promise<Buffer> {
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=300:duration=2'];
  if (cover === undefined) return byFfmpeg([...tone, ...(container === 'ogg' ? ['-c:a', 'libopus'] : [])], container);
  const folder = await mkdtemp(join(tmpdir(), 'test-cover-'));
  try {
    await writeFile(join(folder, 'cover.jpg'), cover);
    return await byFfmpeg([...tone, '-i', join(folder, 'cover.jpg'), '-map', '0', '-map', '1', '-c:v', 'copy', '-disposition:v', 'attached_pic'], container);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A PDF of one page of 300x400 points, with that content. */
export function pdf(content: string, mediaBox = '0 0 300 400'): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    `<</Type/Page/Parent 2 0 R/MediaBox[${mediaBox}]/Contents 4 0 R/Resources<<>>>>`,
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
  ];
  const body = objects.map((object, index) => `${index + 1} 0 obj${object}endobj\n`).join('');
  return Buffer.from(`%PDF-1.4\n${body}trailer<</Root 1 0 R/Size 5>>\n%%EOF\n`);
}

/** Lists and films that ask for another file, or for an address, in every way that ffmpeg knows. */
export function dashed(address: string): readonly Buffer[] {
  const list = `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${address}\n#EXTINF:10.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n`;
  return [
    Buffer.from(list),
    Buffer.from(`ffconcat version 1.0\nfile ${address}\n`),
    Buffer.concat([Buffer.from('\0\0\0\x14ftypisom\0\0\0\0isom', 'latin1'), Buffer.from(list)]),
    Buffer.concat([Buffer.from('ID3\x03\0\0\0\0\0\0', 'latin1'), Buffer.from(list)]),
    Buffer.concat([Buffer.from('RIFF....WAVE', 'latin1'), Buffer.from(list)]),
    Buffer.from(`<?xml version="1.0"?><MPD><BaseURL>${address}</BaseURL></MPD>`),
  ];
}

async function byFfmpeg(args: readonly string[], container: string, turned = false): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'test-film-'));
  const out = join(folder, 'out');
  try {
    await run('ffmpeg', ['-loglevel', 'error', ...args, '-bitexact', '-f', container, out]);
    if (!turned) return await readFile(out);
    await run('ffmpeg', ['-loglevel', 'error', '-i', out, '-c', 'copy', '-metadata:s:v:0', 'rotate=90', '-f', container, `${out}2`]);
    return await readFile(`${out}2`);
  } finally {
    await rm(folder, { recursive: true });
  }
}
