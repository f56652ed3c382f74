import type { BlobAddress } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import { STANDARD_SPECS, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { toInfoTargets, toTargets, type Targets } from './derived-key.ts';
import { Makings, type Make } from './makings.ts';
import { parseImageInfo, type ImageInfo } from './pipeline/image-info.ts';
import type { Blobs } from './ports/blobs.ts';
import { findSmallOriginal } from './small-original.ts';
import type { Thumbnail } from './thumbnail.ts';

/** Finds thumbnails, and makes those that nobody has asked for before. A source is the address of an original; what is made of it is kept in the same store. */
export class Thumbnailer {
  readonly #blobs: Blobs;
  readonly #makings: Makings;

  constructor(blobs: Blobs, make: Make) {
    this.#blobs = blobs;
    this.#makings = new Makings(make);
  }

  /**
   * The thumbnail of `source` that answers the request: its spec snapped, and a still where the source does not move.
   * Where all is busy it is the source itself, if that may be shown in its place. Fails with NOT_FOUND,
   * CANNOT_THUMBNAIL, TOO_LARGE, BUSY or TIMED_OUT. When `signal` aborts it rejects; the work goes on for others who wait.
   */
  async get(source: BlobAddress, requested: ThumbnailSpec, signal: AbortSignal): Promise<Thumbnail> {
    try {
      return await this.#get(source, requested, { signal });
    } catch (error) {
      const original = isBusy(error) ? await findSmallOriginal(this.#blobs, source, requested, signal) : undefined;
      if (original === undefined) throw error;
      return original;
    }
  }

  /** What `source` looks like; computed once, then kept. Fails as `get` does. */
  async describe(source: BlobAddress, signal: AbortSignal): Promise<ImageInfo> {
    const { bytes } = await this.#find(toInfoTargets(source), { signal });
    return parseImageInfo(bytes ?? new Uint8Array());
  }

  /** Makes the standard sizes of `source` while nobody else needs a slot; says whether they are all there. Fails as `get` does, never with BUSY. */
  async prepare(source: BlobAddress, signal: AbortSignal): Promise<boolean> {
    try {
      for (const spec of STANDARD_SPECS) await this.#get(source, spec, { signal, isSpare: true });
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw error;
    }
  }

  /** Resolves when nothing is being made or stored any more. */
  settled(): Promise<void> {
    return this.#makings.settled();
  }

  async #get(source: BlobAddress, requested: ThumbnailSpec, how: How): Promise<Thumbnail> {
    const thumbnail = await this.#find(toTargets(source, requested), how);
    return thumbnail.sizeBytes > 0 ? thumbnail : this.#get(source, { ...requested, animated: false }, how);
  }

  async #find(targets: Targets, { signal, isSpare }: How): Promise<Thumbnail> {
    return (await this.#blobs.findThumbnail(targets[0].key, signal)) ?? this.#makings.get(targets, signal, isSpare);
  }
}

interface How {
  readonly signal: AbortSignal;
  readonly isSpare?: boolean;
}

function isBusy(error: unknown): boolean {
  return error instanceof MediaError && error.reason === 'BUSY';
}
