import type { RunningService } from './running-service.ts';

/** Who asks (Kubernetes, a load balancer) waits a second; a part that is slow to answer must not make the whole look dead. */
const ANSWER_WITHIN_MS = 500;
/** What was known longer ago says nothing about now. */
const KNOWN_FOR_MS = 10_000;

/** What keeps services from doing their work. However slow they are to say so, the answer comes soon: then it is the last one. */
export class Readiness {
  readonly #services: readonly RunningService[];
  #last: readonly string[] = ['starting'];
  #lastAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<readonly string[]> | undefined;

  constructor(services: readonly RunningService[]) {
    this.#services = services;
  }

  /** What is missing; nothing if all is well. Those who ask at once share one round. */
  async ask(): Promise<readonly string[]> {
    this.#asking ??= this.#askAll();
    if (performance.now() - this.#lastAt > KNOWN_FOR_MS) return this.#asking;
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ANSWER_WITHIN_MS);
    await Promise.race([this.#asking, late]);
    clearTimeout(timer);
    return this.#last;
  }

  async #askAll(): Promise<readonly string[]> {
    const missing = await Promise.all(this.#services.map(askOne));
    this.#last = missing.flat();
    this.#lastAt = performance.now();
    this.#asking = undefined;
    return this.#last;
  }
}

async function askOne({ name, readiness }: RunningService): Promise<readonly string[]> {
  try {
    return await readiness();
  } catch (error) {
    return [`${name}: ${String(error)}`];
  }
}
