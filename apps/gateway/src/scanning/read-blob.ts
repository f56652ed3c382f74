import { originalKey } from '@medley/domain/blob-key';
import { parseDigest } from '@medley/domain/digest';
import { fromBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';
import { checkStream } from '../usecases/blob-checks.ts';
import { openBlob } from '../usecases/open-blob.ts';

/** Reads a stored original from its beginning to its end, wherever it lies. Fails as openBlob does. */
export async function readBlob(gateway: Gateway, { digest, sizeBytes }: { digest: string; sizeBytes: number }, signal: AbortSignal): Promise<ByteStream> {
  const blob = { key: originalKey(parseDigest(digest)), sizeBytes };
  const opened = await openBlob(gateway, blob, { offset: 0, length: sizeBytes }, signal);
  if (Buffer.isBuffer(opened)) return fromBytes(opened);
  if (!('file' in opened)) return opened;
  const bytes: ByteStream = opened.file.createReadStream({ signal });
  return opened.check === undefined ? bytes : checkStream(bytes, opened.check);
}
