import { parseDigest, type Digest } from './digest.ts';
import { MediaError } from './media-error.ts';
import { parseStoreName, type StoreName } from './store-name.ts';

/** Names a blob within its store: an original by its own digest, a derived one by its source's digest and what was made of it. */
export interface BlobKey {
  readonly digest: Digest;
  /** Empty for an original. */
  readonly derivation: string;
}

const DERIVATION = /^[a-z0-9-]{0,64}$/;

/** Reads a blob key; its halves are safe as parts of a path or an object key. Throws INVALID_PARAM. */
export function parseBlobKey(key: { readonly digest: string; readonly derivation: string }): BlobKey {
  if (!DERIVATION.test(key.derivation)) throw new MediaError('INVALID_PARAM', 'Not a derivation');
  return { digest: parseDigest(key.digest), derivation: key.derivation };
}

/** The key of the blob that has this digest. */
export function originalKey(digest: Digest): BlobKey {
  return { digest, derivation: '' };
}

/** Where a blob lies: its store, and its key there. What the storage service's API calls a BlobKey. */
export interface BlobAddress extends BlobKey {
  readonly store: StoreName;
}

/** An address as one text, to look things up by. */
export function toAddressText({ store, digest, derivation }: Readonly<Record<keyof BlobAddress, string>>): string {
  return `${store}/${digest}/${derivation}`;
}

/** Reads the address of a blob. Throws INVALID_PARAM. */
export function parseBlobAddress(address: { readonly digest: string; readonly derivation: string; readonly store: string }): BlobAddress {
  return { ...parseBlobKey(address), store: parseStoreName(address.store) };
}

/** The address of an original, as a record's content says it. Throws INVALID_PARAM. */
export function originalAt({ digest, store }: { readonly digest: string; readonly store: string }): BlobAddress {
  return parseBlobAddress({ digest, derivation: '', store });
}
