import { isReason, MediaError } from '@medley/domain/media-error';
import { toMxcText } from '@medley/domain/mxc-uri';
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import type { Sighting } from '../cache/known-changes.ts';
import type { Gateway } from '../gateway.ts';
import { findMedia, type FoundMedia, type Lookup } from './find-media.ts';
import { getThumbnail, type Thumbnail, type ThumbnailAsking } from './get-thumbnail.ts';
import { findRemote, lookHere } from './remote/find-remote.ts';
import { getRemoteThumbnail, thumbnailForeign } from './remote/remote-thumbnails.ts';

/** A thumbnail, and what lets its requester have it. */
export interface FoundThumbnail {
  readonly thumbnail: Thumbnail;
  readonly sighting: Sighting;
}

/**
 * The thumbnail of media that the requester may have. Of another server's media it is made here, from the original; where
 * that is too large for us, from the thumbnail that its server has. Fails as findMedia and getThumbnail do, and with
 * REMOTE_TOO_LARGE if both are too large.
 */
export async function findThumbnail(gateway: Gateway, lookup: Lookup, spec: ThumbnailSpec, asking: ThumbnailAsking): Promise<FoundThumbnail> {
  const { signal } = asking;
  if (gateway.tenants.isLocal(lookup.uri.origin)) {
    const { media, sighting } = await findMedia(gateway, lookup, signal);
    return { thumbnail: await getThumbnail(gateway, media, spec, asking), sighting };
  }
  const asOf = gateway.changes.moment;
  const name = toMxcText(lookup.uri);
  const here = await lookHere(gateway, lookup);
  if (!('fetchFor' in here)) gateway.accesses.mark(name);
  try {
    if (!('fetchFor' in here)) return await thumbnailOriginal(gateway, here, spec, asking);
    const isKnownToBeTooLarge = gateway.remote.thumbnails.has(lookup.uri, spec);
    if (!isKnownToBeTooLarge) return await thumbnailOriginal(gateway, await findRemote(gateway, lookup, signal), spec, asking);
  } catch (error) {
    if (!isReason(error, 'REMOTE_TOO_LARGE')) throw error;
  }
  return { thumbnail: await getRemoteThumbnail(gateway, lookup, spec, asking), sighting: { name, digest: '', asOf } };
}

async function thumbnailOriginal(gateway: Gateway, { media, sighting }: FoundMedia, spec: ThumbnailSpec, asking: ThumbnailAsking): Promise<FoundThumbnail> {
  try {
    return { thumbnail: await thumbnailForeign(gateway, media, spec, asking), sighting };
  } catch (error) {
    // its record is there: this is a loss
    if (isReason(error, 'NOT_FOUND')) throw new MediaError('BLOB_CORRUPT', 'The bytes of this media are lost', { cause: error });
    throw error;
  }
}
