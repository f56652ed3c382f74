import { MediaError } from '@medley/domain/media-error';
import { whyFailed } from '@medley/safe-fetch/fetch-failure';
import type { SafeFetch, ServiceRecord } from '@medley/safe-fetch/safe-fetch';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';
import { Lru } from '../lru.ts';
import type { DiscoveryOptions } from './discovery.ts';

/** DNS does not tell us for how long a record holds. */
const LIFETIME_MS = 5 * 60_000;
const MAX_KEPT = 10_000;

/** SRV records, asked for once in a while. */
export class Services {
  readonly #fetch: Pick<SafeFetch, 'resolveServices'>;
  readonly #now: () => number;
  readonly #note: NonNullable<DiscoveryOptions['note']>;
  readonly #kept = new Lru<{ readonly records: readonly ServiceRecord[]; readonly expiresAt: number }>(MAX_KEPT);
  readonly #flights = new SingleFlight<readonly ServiceRecord[]>();

  constructor({ fetch, now = Date.now, note = () => {} }: Pick<DiscoveryOptions, 'fetch' | 'now' | 'note'>) {
    this.#fetch = fetch;
    this.#now = now;
    this.#note = note;
  }

  /** The records of a service such as `_matrix-fed._tcp.example.org`; none if there are none. Rejects only with the signal's reason. */
  async get(service: string, signal: AbortSignal): Promise<readonly ServiceRecord[]> {
    const kept = this.#kept.get(service);
    if (kept !== undefined && kept.expiresAt > this.#now()) return kept.records;
    return orAbort(this.#flights.run(service, () => this.#ask(service)), signal);
  }

  async #ask(service: string): Promise<readonly ServiceRecord[]> {
    try {
      // the limits of DNS end it, not one of those who wait for it
      const records = await this.#fetch.resolveServices(service, new AbortController().signal);
      this.#kept.set(service, { records, expiresAt: this.#now() + LIFETIME_MS });
      this.#note('srv', true, `${service}: ${records.map(({ host, port }) => `${host || '.'} port ${port}`).join(', ') || 'none'}`);
      return records;
    } catch (error) {
      // Many name servers stumble over names like these. Whoever answers must show a certificate in any case.
      if (!(error instanceof MediaError)) throw error;
      this.#note('srv', false, whyFailed(error));
      return [];
    }
  }
}
