import { originalAt } from '@medley/domain/blob-key';
import { MediaError } from '@medley/domain/media-error';
import type { Logger } from '@medley/telemetry/logger';
import type { DecoderPool } from './decoder/decoder-pool.ts';
import type { Making } from './making.ts';
import type { ThumbnailMetrics } from './metrics.ts';
import type { SourceLimits } from './pipeline/limit.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Slots } from './slots.ts';
import { toThumbnail, type Thumbnail } from './thumbnail.ts';

export interface MakerOptions {
  readonly blobs: Blobs;
  readonly decoders: DecoderPool;
  readonly slots: Slots;
  readonly limits: SourceLimits;
  /** How long waiting for a slot, reading and decoding one source may take together. */
  readonly timeoutMs: number;
  readonly metrics: ThumbnailMetrics;
  readonly log: Logger;
}

/** Makes thumbnails: takes a slot, reads the source, has it decoded in another process, stores what comes. */
export class Maker {
  readonly #options: MakerOptions;

  constructor(options: MakerOptions) {
    this.#options = options;
  }

  /** Runs one making to its end; see Makings. The slot is free again while the last thumbnails are stored. */
  async make(making: Making): Promise<void> {
    await Promise.all(await this.#takeTurn(making));
  }

  /** The source is read only once there is a slot, so that memory holds as many sources as there are slots. */
  async #takeTurn(making: Making): Promise<readonly Promise<Thumbnail>[]> {
    const { slots, metrics, timeoutMs } = this.#options;
    const deadline = AbortSignal.timeout(timeoutMs);
    const hasToWait = slots.busy >= slots.total;
    using _slot = making.isSpare ? slots.takeSpare() : await metrics.measureWait(() => slots.take(making.abandoned));
    making.begin();
    if (hasToWait && (await this.#isMadeElsewhere(making, deadline))) return [];
    return await metrics.measureJob(() => this.#work(making, deadline));
  }

  /** While it waited another process may have made the same: then it is not decoded again. */
  async #isMadeElsewhere(making: Making, signal: AbortSignal): Promise<boolean> {
    const [asked] = making.targets;
    const found = await this.#options.blobs.findThumbnail(asked.key, signal);
    if (found !== undefined) making.deliver(asked, Promise.resolve(found));
    return found !== undefined;
  }

  /**
   * Delivers each thumbnail as it comes, before it is kept if it fits the answer: it can be made again, and the disk takes
   * longer than the rest. Returns the keeping of all.
   */
  async #work(making: Making, signal: AbortSignal): Promise<readonly Promise<Thumbnail>[]> {
    const { blobs, decoders, limits } = this.#options;
    const specs = making.targets.map(({ wanted }) => wanted);
    const kept: Promise<Thumbnail>[] = [];
    try {
      const source = await blobs.readSource(originalAt(making.targets[0].key), signal);
      for await (const bytes of decoders.run({ specs, limits }, source, signal)) {
        const target = making.targets[kept.length];
        if (target === undefined) break; // More than was ordered: leaving the loop kills whoever sends it.
        const thumbnail = toThumbnail(target.key, bytes, bytes.byteLength);
        const keeping = this.#keep(thumbnail, bytes);
        making.deliver(target, thumbnail.bytes === undefined ? keeping : Promise.resolve(thumbnail));
        kept.push(keeping);
      }
      return kept;
    } catch (error) {
      if (!signal.aborted || error instanceof MediaError) throw error;
      throw new MediaError('TIMED_OUT', 'Reading the source took too long', { cause: error });
    }
  }

  /** Stores a thumbnail. One that fits the answer is answered even where that fails; the next request makes it again. */
  async #keep(thumbnail: Thumbnail, bytes: Uint8Array): Promise<Thumbnail> {
    try {
      await this.#options.blobs.saveThumbnail(thumbnail.key, bytes);
    } catch (error) {
      if (thumbnail.bytes === undefined) throw error;
      this.#options.log.warn({ err: error, store: thumbnail.key.store, derivation: thumbnail.key.derivation }, 'thumbnail was not stored');
    }
    return thumbnail;
  }
}
