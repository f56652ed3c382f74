import type { MxcUri } from '@medley/domain/mxc-uri';
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

/** Stores bytes that no record names; `derivation` makes them derived from the original `digest`. */
export async function putBlob(site: Site, bytes: Uint8Array, derived?: { readonly digest: string; readonly derivation: string }): Promise<void> {
  await withStorage(site, (rpc) => rpc.putBlob((async function* () {
    yield { part: { $case: 'header' as const, value: { maxBytes: bytes.byteLength, derivedKey: derived } } };
    yield { part: { $case: 'chunk' as const, value: bytes } };
    yield { part: { $case: 'trailer' as const, value: { sizeBytes: bytes.byteLength } } };
  })()));
}
