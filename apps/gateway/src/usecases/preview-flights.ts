import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';
import { AtOnce } from '../limits/at-once.ts';

const RETRY_AFTER_MS = 1000;

/** The previews that are being made: each once for all who ask for it here, and so many for one user at once. */
export class PreviewFlights {
  readonly #flights = new SingleFlight<string>();
  readonly #perUser: AtOnce;

  constructor(maxPerUser: number) {
    this.#perUser = new AtOnce(maxPerUser);
  }

  /**
   * The result of `make`, or of the run under way for `key`, which goes on for the others when this one leaves. Fails with
   * RATE_LIMITED if the user waits for too many already, and with the reason of `signal`.
   */
  async join(key: string, userId: string, make: () => Promise<string>, signal: AbortSignal): Promise<string> {
    const end = this.#perUser.begin(userId);
    if (end === undefined) throw new MediaError('RATE_LIMITED', 'Too many URL previews at once', { retryAfterMs: RETRY_AFTER_MS });
    try {
      return await orAbort(this.#flights.run(key, make), signal);
    } finally {
      end();
    }
  }
}
