import { MediaError } from '@medley/domain/media-error';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { MediaState, type MediaContent, type MediaRecord } from '@medley/proto/metadata';
import { Batcher } from '@medley/streams/batcher';
import { LRUCache } from 'lru-cache';
import type { Services } from '../services.ts';

/** A record whose bytes are in storage. */
export type AvailableMedia = MediaRecord & { readonly content: MediaContent };

const MAX_BATCH = 500;
const LOOKUP_TIMEOUT_MS = 5000;

/** Keeps records of available media, which never change, and asks for all others in batches. */
export class RecordCache {
  readonly #known: LRUCache<string, AvailableMedia>;
  readonly #lookups: Batcher<MxcUri, { readonly record?: MediaRecord | undefined }>;

  constructor(metadata: Services['metadata'], maxRecords: number) {
    this.#known = new LRUCache({ max: maxRecords });
    this.#lookups = new Batcher(MAX_BATCH, async (keys) => {
      const { results } = await metadata.batchGetMedia({ keys: keys.map(toKey) }, { timeoutMs: LOOKUP_TIMEOUT_MS });
      return results;
    });
  }

  /** The record as it is now, or `undefined` where there is none. */
  async get(uri: MxcUri): Promise<MediaRecord | undefined> {
    const name = toMxcText(uri);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { record } = await this.#lookups.get(name, uri);
    if (record !== undefined && isAvailable(record)) this.#known.set(name, record);
    return record;
  }
}

export function isAvailable(record: MediaRecord): record is AvailableMedia {
  return record.state === MediaState.AVAILABLE && record.content !== undefined;
}

/** Throws INTERNAL for a record that breaks the contract: available, but without content. */
export function requireAvailable(record: MediaRecord | undefined): AvailableMedia {
  if (record !== undefined && isAvailable(record)) return record;
  throw new MediaError('INTERNAL', 'Internal error', { cause: new Error('metadata answered with a record without content') });
}

export function toKey(uri: MxcUri): { origin: string; mediaId: string } {
  return { origin: uri.origin, mediaId: uri.mediaId };
}
