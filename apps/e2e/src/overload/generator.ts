/** A process that offers load: one `Offer` after the other by message, each answered with its `Yield`. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { Offer, OfferedRequest, Yield } from './offer.ts';

const MAX_FAILURES_TOLD = 3;
const TICK_MS = 2;

process.on('message', (offer: Offer) => void new Generator(offer).run().then((result) => process.send?.(result)));
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

class Generator {
  readonly #offer: Offer;
  readonly #idle: Connection[] = [];
  readonly #again: OfferedRequest[] = [];
  readonly #good: number[] = [];
  readonly #refused: number[] = [];
  readonly #failures: string[] = [];
  readonly #body: Buffer;
  #open = 0;
  #next = 0;
  #stamp = 0;
  #counts = { begun: 0, late: 0, failed: 0, notMade: 0 };

  constructor(offer: Offer) {
    this.#offer = offer;
    this.#body = randomBytes(Math.max(16, ...offer.requests.map(({ bodyBytes = 0 }) => bodyBytes)));
  }

  async run(): Promise<Yield> {
    const startedAt = performance.now();
    const endsAt = startedAt + this.#offer.seconds * 1000;
    await (this.#offer.perSecond === undefined ? this.#keepBusy(endsAt) : this.#keepRate(this.#offer.perSecond, endsAt));
    const seconds = (performance.now() - startedAt) / 1000;
    const waits = [...this.#good, ...Array<number>(this.#counts.late).fill(this.#offer.patienceMs)];
    // who was asked in time may still answer, but after the end nothing counts as served within it
    const result = {
      ...this.#counts, good: this.#good.length, refused: this.#refused.length, seconds,
      waitMedianMs: notExceeded(waits, 0.5), goodP99Ms: notExceeded(this.#good, 0.99), refusedP99Ms: notExceeded(this.#refused, 0.99),
      used: this.#next, failures: this.#failures,
    };
    await this.#settle();
    return result;
  }

  async #keepBusy(endsAt: number): Promise<void> {
    const work = async (): Promise<void> => {
      while (performance.now() < endsAt) await this.#begin(performance.now());
    };
    await Promise.race([Promise.all(Array.from({ length: this.#offer.connections }, work)), sleep(endsAt - performance.now())]);
  }

  async #keepRate(perSecond: number, endsAt: number): Promise<void> {
    const startedAt = performance.now();
    for (let issued = 0; performance.now() < endsAt; await sleep(TICK_MS)) {
      for (const due = ((performance.now() - startedAt) * perSecond) / 1000; issued < due; issued += 1) {
        void this.#begin(startedAt + (issued * 1000) / perSecond);
      }
    }
  }

  /** Makes one request that was due at `dueAt`; resolves when nobody waits for it any more. */
  async #begin(dueAt: number): Promise<void> {
    const connection = this.#idle.pop() ?? this.#connect();
    if (connection === undefined) {
      this.#counts.notMade += 1;
      return;
    }
    this.#counts.begun += 1;
    const request = this.#again.pop() ?? this.#take();
    const askedAt = performance.now();
    const patience = setTimeout(() => {
      this.#counts.late += 1;
      connection.close();
    }, this.#offer.patienceMs);
    try {
      const { status, hasRetryAfter, isKept } = await connection.ask(request.head, this.#bodyOf(request));
      // what the generator itself is late by is no slowness of a refusal
      if (status === 200) this.#good.push(performance.now() - dueAt);
      else if ((status === 503 || status === 429) && hasRetryAfter) this.#refuse(request, performance.now() - askedAt);
      else this.#fail(`status ${status}`);
      if (isKept) this.#idle.push(connection);
      else this.#drop(connection);
    } catch (error) {
      const isLate = performance.now() - askedAt >= this.#offer.patienceMs - 1;
      if (!isLate) this.#fail(String(error));
      this.#drop(connection);
    } finally {
      clearTimeout(patience);
    }
  }

  #connect(): Connection | undefined {
    if (this.#open >= this.#offer.connections) return undefined;
    this.#open += 1;
    return new Connection(this.#offer.port);
  }

  #drop(connection: Connection): void {
    this.#open -= 1;
    connection.close();
  }

  #take(): OfferedRequest {
    const { requests, isOnce } = this.#offer;
    const request = requests[isOnce ? this.#next : this.#next % requests.length];
    if (request === undefined) throw new Error('there are too few requests');
    this.#next += 1;
    return request;
  }

  #bodyOf({ bodyBytes }: OfferedRequest): Uint8Array | undefined {
    if (bodyBytes === undefined) return undefined;
    this.#stamp += 1;
    const body = Buffer.from(this.#body.subarray(0, bodyBytes));
    body.writeUInt32BE(this.#stamp, 0);
    return body;
  }

  #refuse(request: OfferedRequest, tookMs: number): void {
    this.#refused.push(tookMs);
    if (this.#offer.isOnce) this.#again.push(request);
  }

  #fail(what: string): void {
    this.#counts.failed += 1;
    if (this.#failures.length < MAX_FAILURES_TOLD) this.#failures.push(what);
  }

  /** Waits until nothing is under way, so that the next offer begins with a quiet server. */
  async #settle(): Promise<void> {
    const endsAt = performance.now() + this.#offer.patienceMs;
    while (this.#idle.length < this.#open && performance.now() < endsAt) await sleep(10);
    for (const connection of this.#idle) connection.close();
  }
}

/** What this part of the values did not exceed. */
function notExceeded(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.at(Math.ceil(sorted.length * part) - 1) ?? null;
}
