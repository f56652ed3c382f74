import { isReason } from '@medley/domain/media-error';
import { SingleFlight } from '@medley/streams/single-flight';
import { LRUCache } from 'lru-cache';
import { HomeserverRefusal } from '../http/errors/homeserver-refusal.ts';
import type { Circuit } from './circuit.ts';

export interface RememberLimits {
  readonly max: number;
  /** How long an answer is believed. */
  readonly lifetimeMs: number;
  /** How long it is while its upstream is away. */
  readonly outageLifetimeMs: number;
}

/** An answer, and what bounds its life besides: a token may expire sooner. */
export interface Answered<Value> {
  readonly value: Value;
  readonly maxLifetimeMs?: number;
}

interface Held<Value> {
  readonly value: Value;
  readonly freshUntil: number;
}

export interface Question<Value> {
  readonly key: string;
  /** Tells whether the upstream is away; `ask` itself goes through it. */
  readonly circuit: Pick<Circuit, 'isOpen'>;
  readonly ask: () => Promise<Answered<Value>>;
}

/**
 * What an upstream answered, believed for a short while; while it can't be reached, for longer. Requests that come together ask once. A failure
 * is never kept, and one that is no outage takes what was held with it.
 */
export class Remembered<Value> {
  readonly #lifetimeMs: number;
  readonly #heldMs: number;
  readonly #held: LRUCache<string, Held<Value>>;
  readonly #asking = new SingleFlight<Value>();

  constructor({ max, lifetimeMs, outageLifetimeMs }: RememberLimits) {
    this.#lifetimeMs = lifetimeMs;
    this.#heldMs = Math.max(lifetimeMs, outageLifetimeMs);
    this.#held = new LRUCache({ max });
  }

  /** What may be believed right now without asking; while `circuit` is due to try its upstream again, nothing that is not fresh. */
  peek(key: string, circuit: Pick<Circuit, 'isResting'>): Value | undefined {
    const held = this.#held.get(key);
    return held !== undefined && (isFresh(held) || circuit.isResting) ? held.value : undefined;
  }

  /** The answer to a question. Fails as `ask` does, or with HOMESERVER_UNAVAILABLE. */
  async find({ key, circuit, ask }: Question<Value>): Promise<Value> {
    const held = this.#held.get(key);
    if (held !== undefined && isFresh(held)) return held.value;
    const asked = this.#asking.run(key, () => this.#ask(key, ask));
    if (held === undefined) return asked;
    const orHeld = asked.catch((error: unknown) => {
      // it may have gone meanwhile
      const still = isReason(error, 'HOMESERVER_UNAVAILABLE') ? this.#held.get(key) : undefined;
      if (still === undefined) throw error;
      return still.value;
    });
    if (!circuit.isOpen) return orHeld;
    orHeld.catch(() => {}); // whoever comes next hears of it
    return held.value;
  }

  /** Holds what is known from elsewhere. */
  set(key: string, { value, maxLifetimeMs = Infinity }: Answered<Value>): void {
    const ttl = Math.floor(Math.min(this.#heldMs, maxLifetimeMs));
    const freshUntil = performance.now() + Math.min(this.#lifetimeMs, maxLifetimeMs);
    // lru-cache reads a ttl of 0 as “for ever”
    if (ttl > 0) this.#held.set(key, { value, freshUntil }, { ttl });
  }

  /** Forgets an answer that `isOver`. */
  forget(key: string, isOver: (value: Value) => boolean): void {
    const held = this.#held.get(key);
    if (held !== undefined && isOver(held.value)) this.#held.delete(key);
  }

  async #ask(key: string, ask: Question<Value>['ask']): Promise<Value> {
    try {
      const answered = await ask();
      this.set(key, answered);
      return answered.value;
    } catch (error) {
      if (!isPassing(error)) this.#held.delete(key);
      throw error;
    }
  }
}

/** Whether a failure says nothing of what was asked about. */
function isPassing(error: unknown): boolean {
  return isReason(error, 'HOMESERVER_UNAVAILABLE') || isReason(error, 'RATE_LIMITED') || (error instanceof HomeserverRefusal && error.status === 429);
}

function isFresh({ freshUntil }: Held<unknown>): boolean {
  return performance.now() < freshUntil;
}
