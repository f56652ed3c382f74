import { openFileRange, stampFile, type FileRange } from '@medley/byte-lane/send-file';
import { originalAt, toAddressText, type BlobAddress } from '@medley/domain/blob-key';
import type { ByteRange } from '@medley/domain/byte-range';
import { MediaError } from '@medley/domain/media-error';
import type { HttpLocation, LocateBlobResponse } from '@medley/proto/storage';
import { expectBytes, type ByteStream } from '@medley/streams/byte-stream';
import type { Gateway } from '../gateway.ts';
import { askStore } from './ask-store.ts';
import { checkStream, type BlobFault } from './blob-checks.ts';
import { readHttp } from './read-http.ts';

/** What the record says of a blob. */
export interface Blob {
  readonly key: BlobAddress;
  readonly sizeBytes: number;
}

/** The blob that the content of a record names, where that says it is: a tenant's store may be another by now. */
export function blobOf(content: { readonly digest: string; readonly store: string; readonly sizeBytes: number }): Blob {
  return { key: originalAt(content), sizeBytes: content.sizeBytes };
}

/**
 * Opens a range of a blob where it lies: in memory (then the bytes are at hand), in the blob folder, or over HTTP. An
 * original that is read as a whole is checked against its digest on the way. Fails with BLOB_CORRUPT if the record names
 * bytes that storage has lost, with SERVICE_UNAVAILABLE where their store is away or not configured, and in mid-stream if
 * they end too early or are damaged.
 */
export async function openBlob(gateway: Gateway, blob: Blob, range: ByteRange, signal: AbortSignal): Promise<Buffer | FileRange | ByteStream> {
  const { key, sizeBytes } = blob;
  const name = toAddressText(key);
  const cached = gateway.bodies.get(name);
  if (cached !== undefined) return slice(cached, range);
  const located = await locate(gateway, blob, signal);
  switch (located.location?.$case) {
    case 'inline':
      return slice(gateway.bodies.set(name, located.location.value), range);
    case 'path':
      return openFile(gateway, blob, located.location.value, range);
    case 'http':
      return openHttp(gateway, blob, { location: located.location.value, range }, signal);
    case undefined:
      throw new MediaError('INTERNAL', 'Internal error', { cause: new Error(`storage answered with no location for ${sizeBytes} bytes`) });
  }
}

async function locate(gateway: Gateway, { key, sizeBytes }: Blob, signal: AbortSignal): Promise<LocateBlobResponse> {
  const inlineMaxBytes = sizeBytes <= gateway.bodies.maxBodyBytes ? gateway.bodies.maxBodyBytes : 0;
  const request = { key, inlineMaxBytes, acceptPath: gateway.config.readsBlobFolder };
  const located = await reportMissing(gateway, key, gateway.services.storage.locateBlob(request, { signal }));
  requireSize(gateway, { key, sizeBytes }, located);
  return located;
}

/** Passes what storage has located in the size that the record says. Throws BLOB_CORRUPT. */
export function requireSize(gateway: Gateway, { key, sizeBytes }: Blob, located: { readonly sizeBytes: number }): void {
  if (located.sizeBytes !== sizeBytes) throw faulty(gateway, key, 'wrong size', new Error(`${located.sizeBytes} bytes of ${sizeBytes}`));
}

async function openFile(gateway: Gateway, { key, sizeBytes }: Blob, path: string, range: ByteRange): Promise<FileRange> {
  const opened = await reportMissing(gateway, key, openFileRange(path, range));
  if (!isCheckable(key, range, sizeBytes)) return opened;
  return { ...opened, check: gateway.checks.of(key, await stampFile(opened.file)) };
}

interface Wanted {
  readonly location: HttpLocation;
  readonly range: ByteRange;
}

async function openHttp(gateway: Gateway, blob: Blob, { location, range }: Wanted, signal: AbortSignal): Promise<ByteStream> {
  const { key, sizeBytes } = blob;
  const relocate = async (): Promise<HttpLocation> => {
    const { location: anew } = await locate(gateway, blob, signal);
    if (anew?.$case === 'http') return anew.value;
    throw new MediaError('SERVICE_UNAVAILABLE', 'storage is not available', { cause: new Error(`located as ${anew?.$case}`) });
  };
  const { bytes, stamp } = await reportMissing(gateway, key, readHttp(gateway, { sizeBytes, location, locate: relocate }, range, signal));
  const exact = expectBytes(bytes, range.length);
  const check = isCheckable(key, range, sizeBytes) ? gateway.checks.of(key, stamp) : undefined;
  return check === undefined ? exact : checkStream(exact, check);
}

/** Of a part, and of what was made of another blob, nobody knows the digest. */
function isCheckable(key: BlobAddress, range: ByteRange, sizeBytes: number): boolean {
  return key.derivation === '' && range.length === sizeBytes;
}

/** Bytes that a record names must be there; that they are not is our fault, not the requester's. */
export async function reportMissing<Value>(gateway: Gateway, key: BlobAddress, work: Promise<Value>): Promise<Value> {
  try {
    return await askStore(gateway, key, work);
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason !== 'NOT_FOUND') throw error;
    throw faulty(gateway, key, 'missing', error);
  }
}

function faulty(gateway: Gateway, key: BlobAddress, fault: BlobFault, cause: Error): MediaError {
  gateway.checks.report(key, fault);
  return new MediaError('BLOB_CORRUPT', 'The bytes of this media are lost', { cause });
}

function slice(bytes: Buffer, range: ByteRange): Buffer {
  return bytes.subarray(range.offset, range.offset + range.length);
}
