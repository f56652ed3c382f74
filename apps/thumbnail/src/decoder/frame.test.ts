import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { readFrames, writeFrame } from './frame.ts';

describe('frames', () => {
  it('come out as they went in, however the stream is cut into chunks', async () => {
    const wire = await toWire([[{ kind: 'one' }, Buffer.from('body')], [{ kind: 'two' }, Buffer.alloc(0)], [{ kind: 'three' }, Buffer.alloc(100_000, 7)]]);
    for (const chunkBytes of [1, 7, 4096, wire.byteLength]) {
      const frames = await Array.fromAsync(readFrames(cut(wire, chunkBytes), 1_000_000));
      assert.deepEqual(frames.map(({ header, body }) => [header, body.byteLength]), [[{ kind: 'one' }, 4], [{ kind: 'two' }, 0], [{ kind: 'three' }, 100_000]]);
    }
  });

  it('fail when the stream ends within one', async () => {
    const wire = await toWire([[{ kind: 'one' }, Buffer.from('body')]]);
    await assert.rejects(Array.fromAsync(readFrames(cut(wire.subarray(0, -1), 64), 100)), /ended within a frame/);
  });

  it('fail before they are read when they claim to be beyond their bounds', async () => {
    const wire = await toWire([[{ kind: 'one' }, Buffer.from('body')]]);
    await assert.rejects(Array.fromAsync(readFrames(cut(wire, 64), 3)), /beyond its bounds/);
    await assert.rejects(Array.fromAsync(readFrames(cut(Buffer.alloc(8, 0xff), 8), 2 ** 32)), /beyond its bounds/);
  });
});

async function toWire(frames: readonly (readonly [unknown, Buffer])[]): Promise<Buffer> {
  const stream = new PassThrough();
  for (const [header, body] of frames) writeFrame(stream, header, body);
  stream.end();
  return Buffer.concat(await Array.fromAsync(stream));
}

async function* cut(bytes: Buffer, chunkBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}
