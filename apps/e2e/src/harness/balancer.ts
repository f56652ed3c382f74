import { Agent } from 'node:http';
import { setInterval as every } from 'node:timers/promises';
import { errcodeOf, exchange, type Exchange } from './exchange.ts';
import type { CallOptions, Place } from './http-call.ts';

/** One gateway as a balancer knows it. */
export interface Backend {
  readonly port: number;
  readonly metricsPort: number;
}

/** How gateways are asked whether they are ready, as a cluster's readiness probe does it. */
export interface Probing {
  readonly periodMs: number;
  readonly timeoutMs: number;
  /** So many times in a row `/readyz` must fail before a gateway is left out. */
  readonly failureThreshold: number;
}

const EAGER: Probing = { periodMs: 50, timeoutMs: 1000, failureThreshold: 3 };
const ATTEMPTS = 20;

/**
 * What stands before several gateways in a cluster: it uses a gateway while its `/readyz` says 200, in turn with the
 * others, over connections that it keeps; it tries again only where no connection came about.
 */
export class Balancer implements AsyncDisposable {
  readonly exchanges = { count: 0, failures: [] as string[] };
  /** Why and when gateways were left out. */
  readonly notes: string[] = [];
  readonly #ready = new Map<Backend, Place>();
  readonly #closing = new AbortController();
  readonly #polling: Promise<unknown>;
  readonly #agents: Agent[] = [];
  readonly #probing: Probing;
  #turn = 0;

  constructor(backends: readonly Backend[], probing: Probing = EAGER) {
    this.#probing = probing;
    this.#polling = Promise.all(backends.map((backend) => this.#poll(backend)));
    // Ends with an abort.
    this.#polling.catch(() => {});
  }

  /** How many gateways it uses now. */
  get readyCount(): number {
    return this.#ready.size;
  }

  /** Whether it uses this gateway now. */
  uses(backend: Backend): boolean {
    return this.#ready.has(backend);
  }

  /** Sends a request to the gateway whose turn it is, and counts it as failed unless its answer is what a client hopes for. */
  async ask(path: string, options: CallOptions): Promise<Exchange> {
    const answer = await this.#send(path, options);
    this.exchanges.count += 1;
    if (!isFine(answer)) this.exchanges.failures.push(`${options.method ?? 'GET'} ${path}: ${answer.status ?? 'no answer'} ${answer.failure ?? ''} ${answer.head.toString('utf8', 0, 200)}`);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#polling.catch(() => {});
    for (const agent of this.#agents) agent.destroy();
  }

  async #send(path: string, options: CallOptions): Promise<Exchange> {
    for (let attempt = 1; ; attempt += 1) {
      const places = [...this.#ready.values()];
      const place = places[this.#turn++ % places.length];
      if (place === undefined) throw new Error(`no gateway is ready:\n${this.notes.join('\n')}`);
      const answer = await exchange(place, path, options);
      if (answer.failure !== 'ECONNREFUSED' || attempt === ATTEMPTS) return answer;
    }
  }

  async #poll(backend: Backend): Promise<void> {
    const agent = new Agent({ keepAlive: true });
    this.#agents.push(agent);
    const { signal } = this.#closing;
    const { periodMs, timeoutMs, failureThreshold } = this.#probing;
    let failures = 0;
    for await (const _tick of every(periodMs, undefined, { signal })) {
      const problem = await probe(backend, timeoutMs);
      failures = problem === undefined ? 0 : failures + 1;
      if (failures === 0) this.#ready.set(backend, { port: backend.port, agent });
      if (failures === failureThreshold) this.#leaveOut(backend, problem);
    }
  }

  #leaveOut(backend: Backend, problem: string | undefined): void {
    if (this.#ready.delete(backend)) this.notes.push(`${new Date().toISOString()} ${backend.port} is not ready: ${problem}`);
  }
}

function isFine(answer: Exchange): boolean {
  if (errcodeOf(answer) === 'M_NOT_YET_UPLOADED') return true;
  return answer.isWhole && (answer.status === 200 || answer.status === 206);
}

/** What `/readyz` has to say against using a gateway; `undefined` if it is ready. */
async function probe({ metricsPort }: Backend, timeoutMs: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${metricsPort}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
    const body = await response.text();
    return response.ok ? undefined : body;
  } catch (error) {
    // It does not run, or is too busy to answer.
    return String(error);
  }
}
