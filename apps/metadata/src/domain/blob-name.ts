import { parseDigest, type Digest } from '@medley/domain/digest';
import { COMMON_STORE, parseStoreName, type StoreName } from '@medley/domain/store-name';

/** Some bytes in one store. The same bytes in another are another blob. */
export interface BlobName {
  readonly digest: Digest;
  readonly store: StoreName;
}

const AT = '@';

/** One text for each blob: its digest in the common store, else `<digest>@<store>`. Never like that of a media. */
export function toBlobText({ digest, store }: BlobName): string {
  return store === COMMON_STORE ? digest : `${digest}${AT}${store}`;
}

/** Reads what toBlobText wrote. Throws INVALID_PARAM. */
export function parseBlobText(text: string): BlobName {
  const [digest = '', ...store] = text.split(AT);
  return { digest: parseDigest(digest), store: parseStoreName(store.join(AT)) };
}
