import type { Logger } from '@medley/telemetry/logger';
import type { Tools } from '../pipeline/tools/tools.ts';
import { Decoder, type DecoderOptions } from './decoder.ts';
import type { Job } from './protocol.ts';

export interface DecoderPoolOptions extends DecoderOptions {
  /** A process that has decoded so much is replaced, whatever it may have leaked. */
  readonly maxJobs: number;
  /** External programs for what is no image; none by default. */
  readonly tools?: Tools | undefined;
}

/**
 * The decoder processes. One is warm from the start, more come when they are needed and stay; one that died or was
 * killed is replaced by the next at once. It does not bound their number: whoever calls `run` holds a slot.
 */
export class DecoderPool implements Disposable {
  readonly #log: Logger;
  readonly #options: DecoderPoolOptions;
  readonly #all = new Set<Decoder>();
  readonly #idle: Decoder[] = [];
  #isClosed = false;
  #startFailure: string | undefined = 'decoder: starting';

  constructor(log: Logger, options: DecoderPoolOptions) {
    this.#log = log;
    this.#options = options;
    this.#idle.push(this.#start());
  }

  /** Runs one job in a process of its own, after an external program where one must make the image first; see Decoder. */
  async *run(job: Job, source: Uint8Array, signal: AbortSignal): AsyncGenerator<Buffer> {
    const image = (await this.#options.tools?.toImage(source, signal)) ?? source;
    const decoder = this.#idle.pop() ?? this.#start();
    try {
      yield* decoder.run(job, image, signal);
    } finally {
      this.#giveBack(decoder);
    }
  }

  /** The process ids, for tests and the log. */
  get pids(): readonly number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  /** What is wrong, or nothing: whether the last process that was started came up. */
  readiness(): readonly string[] {
    return this.#startFailure === undefined ? [] : [this.#startFailure];
  }

  /** Kills them all; jobs under way fail. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const decoder of this.#all) decoder.kill();
  }

  #start(): Decoder {
    const decoder = new Decoder(this.#options, (gone) => this.#forget(gone));
    this.#all.add(decoder);
    decoder.ready.then(
      () => (this.#startFailure = undefined),
      (error: unknown) => {
        this.#startFailure = 'decoder: does not start';
        if (!this.#isClosed) this.#log.error({ err: error }, 'decoder did not start');
      },
    );
    return decoder;
  }

  #giveBack(decoder: Decoder): void {
    if (this.#isClosed) return;
    if (decoder.isAlive && decoder.jobs < this.#options.maxJobs) {
      this.#idle.push(decoder);
      return;
    }
    this.#log.info({ pid: decoder.pid, jobs: decoder.jobs, died: !decoder.isAlive }, 'decoder is replaced');
    decoder.kill();
    this.#idle.push(this.#start());
  }

  #forget(decoder: Decoder): void {
    this.#all.delete(decoder);
    const at = this.#idle.indexOf(decoder);
    if (at !== -1) this.#idle.splice(at, 1);
  }
}
