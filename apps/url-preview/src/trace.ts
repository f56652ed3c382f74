/** What a step may be about. */
export type StepKind = 'url' | 'fetch' | 'hop' | 'type' | 'encoding' | 'parse' | 'found' | 'oembed' | 'image' | 'dropped' | 'result' | 'failed';

export interface Step {
  /** Milliseconds since the first. */
  readonly atMs: number;
  readonly kind: StepKind;
  /** For operators: may hold addresses and causes. */
  readonly detail: string;
}

const MAX_STEPS = 300;
const MAX_DETAIL_CHARS = 500;

/** Notes what happens on the way to a preview. */
export class Trace {
  readonly steps: Step[] = [];
  readonly #startedAt = performance.now();

  add(kind: StepKind, detail: string): void {
    if (this.steps.length >= MAX_STEPS) return;
    this.steps.push({ atMs: Math.round(performance.now() - this.#startedAt), kind, detail: detail.slice(0, MAX_DETAIL_CHARS).toWellFormed() });
  }
}
