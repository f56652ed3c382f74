import { join, resolve } from 'node:path';
import { COMMON_STORE, parseStoreName, type StoreName } from '@medley/domain/store-name';
import { z } from 'zod';

export const bucket = z.string().min(3);
export const prefix = z.string().regex(/^([a-z0-9-]+\/)*$/, 'must be like media/ or empty');

/** Where what a tenant's users upload lies, apart from all others: what is not said is as in `storage`. */
export const ownStore = z.strictObject({
  /** A folder. */
  path: z.string().min(1).optional(),
  bucket: bucket.optional(),
  prefix: prefix.optional(),
});

type OwnStore = z.output<typeof ownStore>;

/** The place of one store. */
export type StorePlace =
  | { readonly kind: 'filesystem'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

interface Stores {
  readonly data_dir: string;
  readonly storage: { readonly kind: 'filesystem' } | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };
  readonly homeservers: readonly { readonly server_name: string; readonly storage?: OwnStore | undefined }[];
}

/** All stores by their names, the common one first, then by name. */
export function placesOf(stores: Stores): ReadonlyMap<StoreName, StorePlace> {
  const common = commonPlace(stores);
  const own = stores.homeservers.flatMap(({ server_name, storage: place }) => (place === undefined ? [] : [[parseStoreName(server_name), toPlace(common, place)] as const]));
  return new Map([[COMMON_STORE, common], ...own.toSorted(([first], [second]) => (first < second ? -1 : 1))]);
}

/** The names of all stores, in the same order. */
export function storeNames(stores: Stores): readonly StoreName[] {
  return [...placesOf(stores).keys()];
}

/** The store into which what a tenant's users upload goes. */
export function storeOf({ server_name, storage }: Stores['homeservers'][number]): StoreName {
  return storage === undefined ? COMMON_STORE : parseStoreName(server_name);
}

function commonPlace({ data_dir, storage }: Stores): StorePlace {
  return storage.kind === 's3' ? { kind: 's3', bucket: storage.bucket, prefix: storage.prefix } : { kind: 'filesystem', path: join(data_dir, 'blobs') };
}

function toPlace(common: StorePlace, own: OwnStore): StorePlace {
  if (common.kind === 'filesystem') return { kind: 'filesystem', path: own.path ?? common.path };
  return { kind: 's3', bucket: own.bucket ?? common.bucket, prefix: own.prefix ?? common.prefix };
}

/** A store of its own must be said in the terms of the common one, and lie where no other lies, nor among another's blobs. */
export function checkOwnStores(stores: Stores, context: z.RefinementCtx): void {
  const complain = (index: number, message: string): void => context.addIssue({ code: 'custom', path: ['homeservers', index, 'storage'], message });
  const isS3 = stores.storage.kind === 's3';
  const common = commonPlace(stores);
  const taken = new Map([[toText(common), 'storage']]);
  stores.homeservers.forEach(({ storage: own }, index) => {
    if (own === undefined) return;
    if (isS3 && (own.path !== undefined || (own.bucket ?? own.prefix) === undefined)) return complain(index, 'needs a bucket or a prefix, and nothing else, as storage is s3');
    if (!isS3 && (own.path === undefined || own.bucket !== undefined || own.prefix !== undefined)) return complain(index, 'needs a path, and nothing else, as storage is a folder');
    const place = toText(toPlace(common, own));
    for (const [other, whose] of taken) {
      if (place === other) complain(index, `is the place of ${whose}`);
      if (isAmongBlobs(place, other) || isAmongBlobs(other, place)) complain(index, `lies among the blobs of ${whose}, or these among its own`);
    }
    taken.set(place, `homeservers[${index}].storage`);
  });
}

/** Ends in a slash, or in the name of a bucket and one. */
function toText(place: StorePlace): string {
  return place.kind === 's3' ? `${place.bucket}/${place.prefix}` : `${resolve(place.path)}/`;
}

/** What a store keeps under these names it lists, sweeps and removes. */
const KEPT = /^(blobs|derived|owner|staging)\//;

function isAmongBlobs(place: string, other: string): boolean {
  return place.startsWith(other) && KEPT.test(place.slice(other.length));
}
