import { isReason } from '@medley/domain/media-error';
import type { Tenant } from '../tenants.ts';
import { homeserverUnavailable } from './ask-homeserver.ts';

/** A single failure may be about one token. */
const OPENS_AFTER = 5;
const FIRST_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 10_000;

type Clock = () => number;

/**
 * Keeps an upstream that fails from being asked by every request: after a few failures in a row one request at a time tries it, with pauses
 * between, and all others are refused at once. Any answer that is no outage closes it, also one that makes no sense: that may be about
 * one request, and whoever likes can make such requests.
 */
export class Circuit {
  readonly #now: Clock;
  #failureCount = 0;
  #probeAt = 0;
  #isProbing = false;

  /** `now` is a monotonic clock, in milliseconds. */
  constructor(now: Clock = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the upstream is taken to be away. */
  get isOpen(): boolean {
    return this.#failureCount >= OPENS_AFTER;
  }

  /** Whether it is, and nobody is to try it just now. */
  get isResting(): boolean {
    return this.isOpen && (this.#isProbing || this.#now() < this.#probeAt);
  }

  /** The upstream's answer; HOMESERVER_UNAVAILABLE at once while it rests. */
  async run<Value>(ask: () => Promise<Value>): Promise<Value> {
    if (this.isResting) throw homeserverUnavailable(new Error('it did not answer before'), Math.max(this.#probeAt - this.#now(), FIRST_PAUSE_MS));
    const isProbe = this.isOpen;
    if (isProbe) this.#isProbing = true;
    try {
      const value = await ask();
      this.#failureCount = 0;
      return value;
    } catch (error) {
      if (isReason(error, 'HOMESERVER_UNAVAILABLE')) this.#fail(isProbe);
      else this.#failureCount = 0;
      throw error;
    } finally {
      if (isProbe) this.#isProbing = false;
    }
  }

  #fail(isProbe: boolean): void {
    // those that were under way when it opened make no pause longer
    if (this.isOpen && !isProbe) return;
    this.#failureCount += 1;
    const pauses = Math.max(0, this.#failureCount - OPENS_AFTER);
    this.#probeAt = this.#now() + Math.min(FIRST_PAUSE_MS * 2 ** pauses, MAX_PAUSE_MS);
  }
}

/** One for each server that a tenant's users are asked about at. */
export class Circuits {
  readonly #circuits = new Map<string, Circuit>();

  of({ serverName }: Pick<Tenant, 'serverName'>, upstream: 'homeserver' | 'introspection'): Circuit {
    const key = `${upstream} ${serverName}`;
    const circuit = this.#circuits.get(key) ?? new Circuit();
    this.#circuits.set(key, circuit);
    return circuit;
  }
}
