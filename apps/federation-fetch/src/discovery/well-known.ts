import { MediaError } from '@medley/domain/media-error';
import { isServerName, parseServerName, type ServerName } from '@medley/domain/server-name';
import { whyFailed } from '@medley/safe-fetch/fetch-failure';
import type { SafeFetch, SafeResponse } from '@medley/safe-fetch/safe-fetch';
import { orAbort } from '@medley/streams/abort';
import { collectBytes } from '@medley/streams/byte-stream';
import { SingleFlight } from '@medley/streams/single-flight';
import { parseObject } from '../parse-object.ts';
import { Lru } from '../lru.ts';
import type { DiscoveryOptions } from './discovery.ts';
import { lifetimeOf } from './lifetime.ts';

const MAX_BYTES = 50 * 1024;
const DEADLINE_MS = 5000;
const MAX_KEPT = 10_000;
const MAX_FAILED_MS = 3_600_000;
/** Most servers without an answer never have one. */
const FIRST_FAILED_MS = 5 * 60_000;
/** One that had an answer probably will again. */
const FIRST_DOWN_MS = 2 * 60_000;

interface Kept {
  /** Absent where there was no usable answer. */
  readonly delegated?: ServerName;
  readonly expiresAt: number;
  /** For how long the next failure is believed. */
  readonly nextFailedMs: number;
}

/** To whom servers delegate by `/.well-known/matrix/server` (server-server API, “Server discovery”). */
export class WellKnown {
  readonly #fetch: Pick<SafeFetch, 'get'>;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #note: NonNullable<DiscoveryOptions['note']>;
  readonly #kept = new Lru<Kept>(MAX_KEPT);
  readonly #flights = new SingleFlight<Kept>();

  constructor({ fetch, now = Date.now, random = Math.random, note = () => {} }: Pick<DiscoveryOptions, 'fetch' | 'now' | 'random' | 'note'>) {
    this.#fetch = fetch;
    this.#now = now;
    this.#random = random;
    this.#note = note;
  }

  /** To whom a server without a port delegates; nothing if it does not, or cannot be asked. Rejects only with the signal's reason. */
  async get(name: ServerName, signal: AbortSignal): Promise<ServerName | undefined> {
    const host = name.toLowerCase();
    const kept = this.#kept.get(host);
    if (kept !== undefined && kept.expiresAt > this.#now()) return kept.delegated;
    const { delegated } = await orAbort(this.#flights.run(host, () => this.#ask(host, kept)), signal);
    return delegated;
  }

  async #ask(host: string, before: Kept | undefined): Promise<Kept> {
    const found = await this.#read(host, before).catch((error: unknown) => {
      if (!(error instanceof MediaError)) throw error;
      this.#note('well_known', false, whyFailed(error));
      return this.#without(before);
    });
    this.#kept.set(host, found);
    return found;
  }

  async #read(host: string, before: Kept | undefined): Promise<Kept> {
    const url = `https://${host}/.well-known/matrix/server`;
    const response = await this.#fetch.get(url, { maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS }, new AbortController().signal);
    const delegated = await readDelegation(response);
    this.#note('well_known', true, delegated === undefined ? `${host} has none` : `${host} delegates to ${delegated}`);
    if (delegated === undefined) return this.#without(before);
    return { delegated, expiresAt: this.#now() + lifetimeOf(response.header('cache-control'), this.#random()), nextFailedMs: FIRST_DOWN_MS };
  }

  #without({ nextFailedMs = FIRST_FAILED_MS }: Partial<Kept> = {}): Kept {
    return { expiresAt: this.#now() + nextFailedMs, nextFailedMs: Math.min(2 * nextFailedMs, MAX_FAILED_MS) };
  }
}

/** Reads `m.server` of the answer, whatever its type; nothing if there is no such page. Throws a MediaError. */
async function readDelegation({ status, body }: SafeResponse): Promise<ServerName | undefined> {
  if (status !== 200) {
    body.destroy();
    if (status === 404) return undefined;
    throw unusable(`it answers ${status}`);
  }
  const { 'm.server': server } = parseObject(await collectBytes(body, MAX_BYTES)) ?? {};
  if (typeof server !== 'string') throw unusable('it is no JSON with a text m.server');
  if (!isServerName(server)) throw unusable('m.server is not a server name');
  return parseServerName(server);
}

function unusable(why: string): MediaError {
  return new MediaError('FETCH_FAILED', 'The server could not be found', { cause: new Error(`/.well-known/matrix/server: ${why}`) });
}
