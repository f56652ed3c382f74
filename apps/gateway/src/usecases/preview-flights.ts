import { MediaError } from '@medley/domain/media-error';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';

const RETRY_AFTER_MS = 1000;

/** The previews that are being made: each once for all who ask for it here, and so many for one user at once. */
export class PreviewFlights {
  readonly #maxPerUser: number;
  readonly #flights = new SingleFlight<string>();
  readonly #perUser = new Map<string, number>();

  constructor(maxPerUser: number) {
    this.#maxPerUser = maxPerUser;
  }

  /**
   * The result of `make`, or of the run under way for `key`, which goes on for the others when this one leaves. Fails with
   * RATE_LIMITED if the user waits for too many already, and with the reason of `signal`.
   */
  async join(key: string, userId: string, make: () => Promise<string>, signal: AbortSignal): Promise<string> {
    const others = this.#perUser.get(userId) ?? 0;
    if (others >= this.#maxPerUser) throw new MediaError('RATE_LIMITED', 'Too many URL previews at once', { retryAfterMs: RETRY_AFTER_MS });
    this.#perUser.set(userId, others + 1);
    try {
      return await orAbort(this.#flights.run(key, make), signal);
    } finally {
      this.#leave(userId);
    }
  }

  #leave(userId: string): void {
    const left = (this.#perUser.get(userId) ?? 1) - 1;
    if (left === 0) this.#perUser.delete(userId);
    else this.#perUser.set(userId, left);
  }
}
