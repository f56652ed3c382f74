import type { Meter } from '@medley/telemetry/metrics';
import { toErrorClass } from '@medley/telemetry/spans';

/** How a dependency is, for operators: no message, no address, nothing secret. */
export interface DependencyState {
  readonly name: string;
  /** `unknown` before anybody has asked. */
  readonly state: 'ok' | 'failing' | 'unknown';
  /** Whether the service can't do its work without it. */
  readonly required: boolean;
  /** When it began to be so. */
  readonly since: string;
  /** The last failure, be it over or not: its reason, its code or its name. */
  readonly last_error?: { readonly class: string; readonly at: string };
}

/** Something that a service needs, and what is known about how it is. Asks nobody by itself. */
export class Dependency {
  readonly #facts: { readonly name: string; readonly required: boolean };
  #state: DependencyState['state'] = 'unknown';
  #since = new Date();
  #lastError: DependencyState['last_error'];

  constructor(name: string, { isRequired = true }: { readonly isRequired?: boolean } = {}) {
    this.#facts = { name, required: isRequired };
  }

  get state(): DependencyState {
    return { ...this.#facts, state: this.#state, since: this.#since.toISOString(), ...(this.#lastError && { last_error: this.#lastError }) };
  }

  /** Makes a check, notes what comes of it, and passes that on. */
  async check<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      const value = await work();
      this.#become('ok');
      return value;
    } catch (error) {
      this.#become('failing');
      this.#lastError = { class: toErrorClass(error), at: new Date().toISOString() };
      throw error;
    }
  }

  #become(state: 'ok' | 'failing'): void {
    if (state !== this.#state) this.#since = new Date();
    this.#state = state;
  }
}

/** Shows which dependencies work (1) and which do not (0), as they were when they were last asked. */
export function observeDependencies(meter: Meter, dependencies: readonly Dependency[]): void {
  meter.createObservableGauge('medley.dependency.up', { description: 'Whether what the service depends on worked (1) or not (0) when it was last asked' }).addCallback((gauge) => {
    for (const { name, state } of dependencies.map((one) => one.state)) {
      if (state !== 'unknown') gauge.observe(state === 'ok' ? 1 : 0, { dependency: name });
    }
  });
}
