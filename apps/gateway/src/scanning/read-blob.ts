import { fromBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';
import { checkStream } from '../usecases/blob-checks.ts';
import { blobOf, openBlob } from '../usecases/open-blob.ts';
import type { ReadBlob } from './scanning.ts';

/** Reads a stored original from its beginning to its end. Fails as openBlob does. */
export async function readBlob(gateway: Gateway, original: Parameters<ReadBlob>[0], signal: AbortSignal): Promise<ByteStream> {
  const opened = await openBlob(gateway, blobOf(original), { offset: 0, length: original.sizeBytes }, signal);
  if (Buffer.isBuffer(opened)) return fromBytes(opened);
  if (!('file' in opened)) return opened;
  const bytes: ByteStream = opened.file.createReadStream({ signal });
  return opened.check === undefined ? bytes : checkStream(bytes, opened.check);
}
