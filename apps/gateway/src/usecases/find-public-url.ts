import type { Gateway } from '../gateway.ts';
import { type Blob, reportMissing, requireSize } from './open-blob.ts';

/** A blob, and what its reader is told of it. */
export interface LocatedBlob {
  readonly blob: Blob;
  readonly contentType: string;
  readonly disposition: string;
}

/**
 * A URL by which strangers can read a blob for `downloads.redirect_lifetime`; `undefined` where they are not to, where it is
 * too small to be worth the way, and where they can't. Whoever has it may use it until it expires, whatever happens to the
 * media. Fails with BLOB_CORRUPT if storage has lost the bytes, or has more or less of them.
 */
export async function findPublicUrl(gateway: Gateway, located: LocatedBlob, mayRedirect: boolean, signal: AbortSignal): Promise<string | undefined> {
  const { blob, contentType, disposition: contentDisposition } = located;
  const { redirect_min_bytes: minBytes, redirect_lifetime: ttlMs } = gateway.config.downloads;
  if (!mayRedirect || blob.sizeBytes < minBytes) return undefined;
  const asked = gateway.services.storage.locatePublicBlob({ key: blob.key, contentType, contentDisposition, ttlMs }, { signal });
  const found = await reportMissing(gateway, blob.key, asked);
  requireSize(gateway, blob, found);
  return found.http?.url;
}
