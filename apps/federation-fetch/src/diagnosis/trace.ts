import { MediaError } from '@medley/domain/media-error';
import { whyFailed } from '@medley/safe-fetch/fetch-failure';

/** The steps of a diagnosis, in the order they are taken. */
export type StepKind = 'name' | 'well_known' | 'srv' | 'addresses' | 'connect' | 'tls' | 'version' | 'keys' | 'request';

export interface Step {
  /** Since the first. */
  readonly atMs: number;
  readonly kind: StepKind;
  readonly ok: boolean;
  /** For operators: may hold addresses, and what the server said. */
  readonly detail: string;
}

/** Notes what was tried. */
export class Trace {
  readonly #steps: Step[] = [];
  readonly #startedAt = performance.now();

  get steps(): readonly Step[] {
    return this.#steps;
  }

  readonly add = (kind: StepKind, ok: boolean, detail: string): void => {
    this.#steps.push({ atMs: Math.round(performance.now() - this.#startedAt), kind, ok, detail });
  };

  /** Takes a step and notes what it tells, or why it failed; then there is no value. Only the signal's reason, and mistakes, rise. */
  async attempt<Value>(kind: StepKind, step: () => Promise<{ readonly value: Value; readonly ok?: boolean; readonly detail?: string }>, signal: AbortSignal): Promise<Value | undefined> {
    try {
      const { value, ok = true, detail } = await step();
      if (detail !== undefined) this.add(kind, ok, detail);
      return value;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MediaError)) throw error;
      this.add(kind, false, whyFailed(error));
      return undefined;
    }
  }
}
