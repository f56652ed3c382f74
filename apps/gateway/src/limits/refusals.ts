import { LIMIT_CLASSES } from '@medley/config/rate-limits';
import { MediaError } from '@medley/domain/media-error';
import type { Meter } from '@medley/telemetry/metrics';
import { countOutcomes } from '@medley/telemetry/outcomes';

/** What refusals are counted as. */
const COUNTED = [...LIMIT_CLASSES, 'bad_tokens', 'key_lookups', 'remote_download', 'thumbnails_at_once'] as const;
export type Counted = (typeof COUNTED)[number];

/** Makes the refusals of rate limits, and counts them. */
export class Refusals {
  readonly #count: (counted: Counted) => void;

  constructor(meter: Meter) {
    this.#count = countOutcomes(meter, { name: 'medley.rate_limited', description: 'Requests refused by a rate limit', label: 'class', values: COUNTED });
  }

  /** A RATE_LIMITED that says to come again after `waitMs` milliseconds. */
  make(counted: Counted, waitMs: number, message = 'Too Many Requests'): MediaError {
    this.#count(counted);
    return new MediaError('RATE_LIMITED', message, { retryAfterMs: Math.max(1, Math.ceil(waitMs)) });
  }
}
