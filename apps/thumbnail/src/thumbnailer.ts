import type { Digest } from '@medley/domain/digest';
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { toTargets } from './derived-key.ts';
import { Makings, type Make } from './makings.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Thumbnail } from './thumbnail.ts';

/** Finds thumbnails, and makes those that nobody has asked for before. */
export class Thumbnailer {
  readonly #blobs: Blobs;
  readonly #makings: Makings;

  constructor(blobs: Blobs, make: Make) {
    this.#blobs = blobs;
    this.#makings = new Makings(make);
  }

  /**
   * The thumbnail of `source` that answers the request: its spec snapped, and still. Fails with NOT_FOUND,
   * CANNOT_THUMBNAIL, TOO_LARGE, BUSY or TIMED_OUT. When `signal` aborts it rejects; the work goes on for others who wait.
   */
  async get(source: Digest, requested: ThumbnailSpec, signal: AbortSignal): Promise<Thumbnail> {
    const targets = toTargets(source, requested);
    return (await this.#blobs.findThumbnail(targets[0].key, signal)) ?? this.#makings.get(targets, signal);
  }

  /** Resolves when nothing is being made or stored any more. */
  settled(): Promise<void> {
    return this.#makings.settled();
  }
}
