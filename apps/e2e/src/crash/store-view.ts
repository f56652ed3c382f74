import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { COMMON_STORE } from '@medley/domain/store-name';
import { listMultipartUploads, listObjects, type S3Access } from '../harness/s3-listing.ts';
import type { Site } from '../harness/site.ts';

/** What records and bytes there are, asked of the services and, once more, of the folder or bucket itself. */
export interface StoreView {
  /** Digest and size of everything that some record names and that is not known to be lost. */
  readonly references: ReadonlyMap<string, number>;
  /** Every blob by its key: the digest, and for a derived one `/` and what was made of it. */
  readonly blobs: ReadonlyMap<string, { readonly digest: string; readonly sizeBytes: number }>;
  /** What unfinished uploads left, as the service counts it. */
  readonly stagedCount: number;
  /** The same, found past the service: files, objects and multipart uploads. */
  readonly leftovers: readonly string[];
  /** Blobs that are in the folder or bucket, found past the service. */
  readonly objectCount: number;
}

const LISTED_WITHIN_MS = 60_000;

/** Looks at everything. All services must be there. */
export async function viewStores(site: Site): Promise<StoreView> {
  const [metadata, storage] = [site.connectMetadata(), site.connectStorage()];
  try {
    const [references, blobs] = [await listReferences(metadata.rpc), await listBlobs(storage.rpc)];
    // Everything that has begun before now.
    const { removedCount } = await storage.rpc.sweepStaging({ begunBeforeMs: Date.now() + 1000, dryRun: true });
    return { references, blobs, stagedCount: removedCount, ...await lookPastServices(site) };
  } finally {
    for (const client of [metadata, storage]) client.close();
  }
}

async function listReferences(metadata: ReturnType<Site['connectMetadata']>['rpc']): Promise<StoreView['references']> {
  const pages = await Array.fromAsync(metadata.listReferences({ store: COMMON_STORE }, { timeoutMs: LISTED_WITHIN_MS }));
  const present = pages.flatMap((page) => page.references).filter(({ lost }) => !lost);
  return new Map(present.map(({ digest, sizeBytes }) => [digest, sizeBytes]));
}

async function listBlobs(storage: ReturnType<Site['connectStorage']>['rpc']): Promise<StoreView['blobs']> {
  const listed = await Array.fromAsync(storage.listBlobs({ store: COMMON_STORE }, { timeoutMs: LISTED_WITHIN_MS }));
  return new Map(listed.map(({ key = { digest: '', derivation: '' }, sizeBytes }) => {
    return [key.derivation === '' ? key.digest : `${key.digest}/${key.derivation}`, { digest: key.digest, sizeBytes }];
  }));
}

async function lookPastServices(site: Site): Promise<{ readonly leftovers: readonly string[]; readonly objectCount: number }> {
  const { storage } = site.storesConfig;
  const names = isS3(storage) ? await listObjects(storage) : await listFiles(site.dataFolder);
  const uploads = isS3(storage) ? await listMultipartUploads(storage) : [];
  const staged = names.filter((name) => /(^|\/)staging\//.test(name));
  return { leftovers: [...staged, ...uploads], objectCount: names.filter((name) => BLOB.test(name)).length };
}

/** What a blob's name ends with, wherever its folder lies. */
const BLOB = /(^|\/)(blobs\/..\/..\/[0-9a-f]{64}|derived\/..\/[0-9a-f]{64}\/[^/]+)$/;

function isS3(storage: object): storage is S3Access {
  return 'bucket' in storage;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
