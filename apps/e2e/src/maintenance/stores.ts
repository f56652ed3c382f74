import type { MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE, type StoreName } from '@medley/domain/store-name';
import type { Site } from '../harness/site.ts';

/** Calls metadata past the gateway. */
export async function withMetadata<Value>(site: Site, work: (rpc: ReturnType<Site['connectMetadata']>['rpc']) => Promise<Value>): Promise<Value> {
  const client = site.connectMetadata();
  try {
    return await work(client.rpc);
  } finally {
    client.close();
  }
}

/** Calls storage past the gateway. */
export async function withStorage<Value>(site: Site, work: (rpc: ReturnType<Site['connectStorage']>['rpc']) => Promise<Value>): Promise<Value> {
  const client = site.connectStorage();
  try {
    return await work(client.rpc);
  } finally {
    client.close();
  }
}

/** Removes media for good, as an admin does. */
export async function deleteMedia(site: Site, ...uris: readonly MxcUri[]): Promise<void> {
  const keys = uris.map(({ origin, mediaId }) => ({ origin, mediaId }));
  await withMetadata(site, (rpc) => rpc.deleteMedia({ keys, by: '@admin:e2e.example' }));
}

/** Where bytes are put that no record names. */
export interface PutPlace {
  /** Default: the common store. */
  readonly store?: StoreName;
  /** Makes them derived from the original `digest`. */
  readonly digest?: string;
  readonly derivation?: string;
}

/** Stores bytes that no record names. */
export async function putBlob(site: Site, bytes: Uint8Array, { store = COMMON_STORE, digest, derivation = '' }: PutPlace = {}): Promise<void> {
  const derivedKey = digest === undefined ? undefined : { digest, derivation, store };
  await withStorage(site, (rpc) => rpc.putBlob((async function* () {
    yield { part: { $case: 'header' as const, value: { maxBytes: bytes.byteLength, store, derivedKey } } };
    yield { part: { $case: 'chunk' as const, value: bytes } };
    yield { part: { $case: 'trailer' as const, value: { sizeBytes: bytes.byteLength } } };
  })()));
}
