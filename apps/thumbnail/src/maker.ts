import { MediaError } from '@medley/domain/media-error';
import type { Logger } from '@medley/telemetry/logger';
import type { DecoderPool } from './decoder/decoder-pool.ts';
import type { Target } from './derived-key.ts';
import type { Making } from './making.ts';
import type { MeasureJob } from './metrics.ts';
import type { SourceLimits } from './pipeline/limit.ts';
import type { Blobs } from './ports/blobs.ts';
import type { Slots } from './slots.ts';
import { toThumbnail } from './thumbnail.ts';

export interface MakerOptions {
  readonly blobs: Blobs;
  readonly decoders: DecoderPool;
  readonly slots: Slots;
  readonly limits: SourceLimits;
  /** How long reading and decoding one source may take. */
  readonly workMs: number;
  readonly measureJob: MeasureJob;
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
    await Promise.all(await this.#decode(making));
  }

  /** Delivers the thumbnails that the source gives, and returns the storing of each. The source is not read before there is a slot: memory holds as many sources as there are slots. */
  async #decode(making: Making): Promise<readonly Promise<void>[]> {
    using _slot = await this.#options.slots.take(making.abandoned);
    making.begin();
    return await this.#options.measureJob(() => this.#work(making, AbortSignal.timeout(this.#options.workMs)));
  }

  async #work({ targets, deliver, source: digest }: Making, signal: AbortSignal): Promise<readonly Promise<void>[]> {
    return [];
  }
}
