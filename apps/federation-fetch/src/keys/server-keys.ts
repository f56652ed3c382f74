import { MediaError } from '@medley/domain/media-error';
import type { ServerName } from '@medley/domain/server-name';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';
import { Lru } from '../lru.ts';
import { keysRefused, type CheckedKeys } from './check-server-keys.ts';
import { KeyFetcher, type KeyFetcherOptions } from './fetch-keys.ts';

const MAX_KEPT = 10_000;
/** Servers that are asked at once; strangers choose whom to ask. */
const MAX_RUNNING = 256;
const FIRST_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 3_600_000;

/** What is known of a server. */
interface Kept {
  readonly known?: CheckedKeys;
  /** When to ask again before that is needed. */
  readonly refreshAt: number;
  /** The server is not asked before. */
  readonly notBefore: number;
  readonly failures: number;
  readonly error?: MediaError;
}

/** The keys of other servers, kept for as long as they allow. */
export class ServerKeys {
  readonly #fetcher: KeyFetcher;
  readonly #now: () => number;
  readonly #kept = new Lru<Kept>(MAX_KEPT);
  readonly #flights = new SingleFlight<Kept>();
  #running = 0;

  constructor({ now = Date.now, ...options }: Omit<KeyFetcherOptions, 'now'> & { readonly now?: () => number }) {
    this.#now = now;
    this.#fetcher = new KeyFetcher({ ...options, now });
  }

  /**
   * The keys with which a server signs now. If one of `keyIds` is not among those that are kept, the server is asked again, but
   * at most once a minute. Throws FORBIDDEN, FETCH_FAILED, BUSY if too many are asked at once, or the signal's reason.
   */
  async get(server: ServerName, keyIds: readonly string[], signal: AbortSignal): Promise<CheckedKeys> {
    const kept = this.#kept.get(server);
    const known = this.#valid(kept);
    if (known === undefined) return await this.#wait(server, keyIds, signal);
    if (keyIds.every((keyId) => known.keys.has(keyId))) {
      if (this.#mayAsk(kept) && kept !== undefined && kept.refreshAt <= this.#now()) this.#refresh(server);
      return known;
    }
    return this.#mayAsk(kept) ? await this.#wait(server, keyIds, signal) : known;
  }

  #valid(kept: Kept | undefined): CheckedKeys | undefined {
    return kept?.known !== undefined && kept.known.validUntil > this.#now() ? kept.known : undefined;
  }

  #mayAsk(kept: Kept | undefined): boolean {
    return kept === undefined || kept.notBefore <= this.#now();
  }

  async #wait(server: ServerName, keyIds: readonly string[], signal: AbortSignal): Promise<CheckedKeys> {
    const before = this.#kept.get(server);
    const kept = before?.error === undefined || this.#mayAsk(before) ? await orAbort(this.#ask(server, keyIds), signal) : before;
    const known = this.#valid(kept);
    if (known === undefined) throw kept.error ?? keysRefused('they have expired meanwhile');
    return known;
  }

  #refresh(server: ServerName): void {
    this.#ask(server, []).catch(() => {}); // whoever needs the keys asks again, and hears why
  }

  /** Asks the server, once at a time, and keeps what it came to. Rejects only with what is no answer to keep. */
  #ask(server: ServerName, keyIds: readonly string[]): Promise<Kept> {
    return this.#flights.run(server, async () => {
      if (this.#running >= MAX_RUNNING) throw new MediaError('BUSY', 'Too many servers are being asked for their keys');
      this.#running += 1;
      try {
        const kept = await this.#fetch(server, keyIds);
        this.#kept.set(server, kept);
        return kept;
      } finally {
        this.#running -= 1;
      }
    });
  }

  async #fetch(server: ServerName, keyIds: readonly string[]): Promise<Kept> {
    try {
      const known = await this.#fetcher.fetch(server, keyIds);
      const now = this.#now();
      return { known, refreshAt: now + (known.validUntil - now) / 2, notBefore: now + FIRST_PAUSE_MS, failures: 0 };
    } catch (error) {
      if (error instanceof MediaError && error.reason === 'FETCH_FAILED') return this.#failed(server, error);
      throw error;
    }
  }

  /** What was known goes on to hold until it expires. */
  #failed(server: ServerName, error: MediaError): Kept {
    const { known, failures = 0 } = this.#kept.get(server) ?? {};
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, MAX_PAUSE_MS);
    return { ...(known !== undefined && { known }), refreshAt: 0, notBefore: this.#now() + pauseMs, failures: failures + 1, error };
  }
}
