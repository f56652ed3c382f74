import { isReason, MediaError } from '@medley/domain/media-error';
import type { QuotaUse } from '@medley/proto/metadata/quotas';
import type { Logger } from '@medley/telemetry/logger';
import type { Counter, Meter } from '@medley/telemetry/metrics';
import type { RequestBody } from '../http/parse/request-body.ts';
import type { Services } from '../services.ts';
import type { Policies, PolicySubject } from './policies.ts';
import type { QuotaPolicy } from './policy.ts';
import { cutBody, QuotaRoom } from './quota-room.ts';

export interface QuotasOptions {
  readonly metadata: Services['metadata'];
  readonly policies: Pick<Policies, 'of'>;
  /** Milliseconds; longer than any upload. */
  readonly lifetimeMs: number;
  readonly log: Logger;
}

/** Keeps users within their quotas; where there is none nobody is asked. */
export class Quotas {
  readonly #options: QuotasOptions;
  readonly #refused: Counter;

  constructor(options: QuotasOptions, meter: Meter) {
    this.#options = options;
    this.#refused = meter.createCounter('medley.quota_refused', { description: 'Uploads refused, or cut off, by a quota' });
    this.#refused.add(0); // shown before there is any
  }

  /**
   * Reserves room for a body; of unknown length all that is left, up to its limit. Fails with USER_LIMIT_EXCEEDED, and so does
   * the room's body where it is longer. Does not end early when the uploader leaves: then the room could not be given back.
   */
  async reserve(uploader: PolicySubject, body: RequestBody): Promise<QuotaRoom> {
    const { quota } = this.#options.policies.of(uploader);
    if (quota.limits.length === 0) return new QuotaRoom(body, () => Promise.resolve());
    const { userId } = uploader.requester;
    const refuse = (): MediaError => this.#refuse(quota);
    const { reservation, bytes } = await this.#options.metadata.reserveQuota({
      userId,
      bytes: body.declaredBytes ?? body.maxBytes,
      partial: body.declaredBytes === undefined,
      limits: [...quota.limits],
      lifetimeMs: this.#options.lifetimeMs,
    }).catch((error: unknown) => {
      throw isReason(error, 'USER_LIMIT_EXCEEDED') ? refuse() : error;
    });
    return new QuotaRoom(cutBody(body, bytes, refuse), (isUsed) => this.#release(userId, reservation, isUsed));
  }

  /** What a user has within each of these windows (milliseconds; 0: all), what is reserved included. */
  async use(userId: string, windowsMs: readonly number[], signal: AbortSignal): Promise<readonly QuotaUse[]> {
    return (await this.#options.metadata.getQuotaUse({ userId, windowsMs: [...windowsMs] }, { signal })).uses;
  }

  async #release(userId: string, reservation: string, used: boolean | undefined): Promise<void> {
    await this.#options.metadata.releaseQuota({ userId, reservation, used }).catch((cause: unknown) => {
      this.#options.log.warn({ err: cause }, 'room could not be given back; it lapses by itself');
    });
  }

  /** As Matrix v1.18 has it, and MSC4335 had it before. */
  #refuse({ infoUri = '', canUpgrade }: QuotaPolicy): MediaError {
    this.#refused.add(1);
    const fields = { info_uri: infoUri, can_upgrade: canUpgrade, 'org.matrix.msc4335.info_uri': infoUri, 'org.matrix.msc4335.can_upgrade': canUpgrade };
    return new MediaError('USER_LIMIT_EXCEEDED', 'You have reached the limit of your uploads', { fields });
  }
}
