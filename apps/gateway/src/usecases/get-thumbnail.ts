import { parseBlobAddress, toAddressText, type BlobAddress } from '@medley/domain/blob-key';
import { snapSpec, toDerivation, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { ThumbnailFormat, ThumbnailMethod, type GetThumbnailResponse } from '@medley/proto/thumbnail';
import { isReason, MediaError } from '@medley/domain/media-error';
import type { Gateway } from '../gateway.ts';
import type { TurnTaker } from '../limits/turns.ts';
import { askStore } from './ask-store.ts';

/** A thumbnail that can be answered: its bytes, or where in storage they lie. */
export interface Thumbnail {
  readonly contentType: string;
  readonly version: string;
  readonly sizeBytes: number;
  readonly body: { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'blob'; readonly key: BlobAddress };
}

/** Beyond what the thumbnail service may take itself. */
const CALL_MARGIN_MS = 2000;
/** Names in memory need no version: the pipeline does not change while a process runs. */
const NAME_VERSION = 0;

/** Bytes that are in storage, and in which store. */
export interface ThumbnailSource {
  readonly content: { readonly digest: string; readonly store: string };
}

/** Who waits for a thumbnail. */
export interface ThumbnailAsking {
  /** Names a user, a server, or an address: each has only so many made at once. */
  readonly asker: string;
  readonly signal: AbortSignal;
  /** What the asking takes of the work that may be under way at once, but for while it waits. */
  readonly place: TurnTaker['place'];
}

/** Makes, or finds, a thumbnail of available media. Fails with CANNOT_THUMBNAIL, TOO_LARGE, BUSY or RATE_LIMITED. */
export async function getThumbnail(gateway: Gateway, media: ThumbnailSource, asked: ThumbnailSpec, asking: ThumbnailAsking): Promise<Thumbnail> {
  const spec = snapSpec(asked);
  const { store, digest } = media.content;
  const name = toAddressText({ store, digest, derivation: toDerivation(spec, NAME_VERSION) });
  const cached = gateway.thumbnails.get(name);
  if (cached !== undefined) return { ...cached, sizeBytes: cached.bytes.byteLength, body: { kind: 'bytes', bytes: cached.bytes } };
  const { asker, signal, place } = asking;
  const answer = await gateway.turns.run({ name: asker, signal, place }, () => askStore(gateway, { store, digest }, gateway.services.thumbnail.getThumbnail(
    { sourceDigest: digest, store, spec: { ...spec, method: METHODS[spec.method], format: FORMATS[spec.format] } },
    { signal, timeoutMs: gateway.config.thumbnailTimeoutMs + CALL_MARGIN_MS },
  ))).catch((error: unknown) => {
    if (isReason(error, 'BUSY')) gateway.door.tellBusy('thumbnail');
    throw error;
  });
  const thumbnail = toThumbnail(answer);
  if (thumbnail.body.kind === 'bytes') gateway.thumbnails.set(name, { ...thumbnail, bytes: thumbnail.body.bytes });
  return thumbnail;
}

const METHODS = { crop: ThumbnailMethod.CROP, scale: ThumbnailMethod.SCALE } as const;
const FORMATS = { common: ThumbnailFormat.COMMON, webp: ThumbnailFormat.WEBP, avif: ThumbnailFormat.AVIF } as const;

function toThumbnail(answer: GetThumbnailResponse): Thumbnail {
  const { contentType, version, sizeBytes, body } = answer;
  switch (body?.$case) {
    case 'inline':
      return { contentType, version, sizeBytes, body: { kind: 'bytes', bytes: Buffer.from(body.value) } };
    case 'stored':
      return { contentType, version, sizeBytes, body: { kind: 'blob', key: parseBlobAddress(body.value) } };
    case undefined:
      throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('thumbnail answered with no body') });
  }
}
