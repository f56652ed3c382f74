import type { Writable } from 'node:stream';
import type { ByteStream } from '@medley/streams/byte-stream';

/** One message between the service and a decoder process: a little JSON, and bytes. */
export interface Frame {
  readonly header: unknown;
  readonly body: Buffer;
}

const LENGTHS_BYTES = 8;
const MAX_HEADER_BYTES = 64 * 1024;

/** Sends one frame: length of the header, length of the body (both 32 bits, big-endian), header, body. */
export function writeFrame(stream: Writable, header: unknown, body: Uint8Array = new Uint8Array()): void {
  const json = Buffer.from(JSON.stringify(header));
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32BE(json.byteLength, 0);
  lengths.writeUInt32BE(body.byteLength, 4);
  stream.write(Buffer.concat([lengths, json]));
  if (body.byteLength > 0) stream.write(body);
}

/**
 * Yields frames until the stream ends. Throws when it ends within one, or when one is larger than `maxBodyBytes`: the
 * other side may have been taken over by what it decoded, so nothing it says is believed beyond its bounds.
 */
export async function* readFrames(stream: ByteStream, maxBodyBytes: number): AsyncGenerator<Frame> {
  const read = exactly(stream);
  for (;;) {
    const lengths = await read(LENGTHS_BYTES);
    if (lengths === undefined) return;
    const headerBytes = lengths.readUInt32BE(0);
    const bodyBytes = lengths.readUInt32BE(4);
    if (headerBytes > MAX_HEADER_BYTES || bodyBytes > maxBodyBytes) throw new Error('a frame beyond its bounds');
    const header = await read(headerBytes);
    const body = await read(bodyBytes);
    if (header === undefined || body === undefined) throw new Error('the stream ended within a frame');
    yield { header: JSON.parse(header.toString()), body };
  }
}

/** Reads so and so many bytes; `undefined` once the stream ended instead. */
function exactly(stream: ByteStream): (bytes: number) => Promise<Buffer | undefined> {
  const chunks = stream[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return async function read(bytes) {
    const wanted = Buffer.allocUnsafe(bytes);
    for (let at = 0; at < bytes; ) {
      if (rest.byteLength === 0) {
        const next = await chunks.next();
        if (next.done === true) return undefined;
        rest = next.value;
      }
      wanted.set(rest.subarray(0, bytes - at), at);
      const taken = Math.min(rest.byteLength, bytes - at);
      rest = rest.subarray(taken);
      at += taken;
    }
    return wanted;
  };
}
