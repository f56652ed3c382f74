import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@medley/telemetry/logger';

export interface ChildSpec {
  readonly name: string;
  /** What Node runs. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A process that ended so soon after its start will not do better at once. */
const QUICK_END_MS = 1000;
/** A first start that fails within this time is a mistake to be told (an address in use), not to be repeated. */
const FIRST_START_MS = 10_000;
const RESTART_PAUSE_MS = 1000;

/** Keeps one process running: one that dies is started again, until `stop`. It ends with this process, however this ends: its channel breaks. */
export class Child {
  readonly #spec: ChildSpec;
  readonly #log: Logger;
  #process: ChildProcess | undefined;
  #isStopping = false;
  readonly #ended: Promise<number>;

  constructor(spec: ChildSpec, log: Logger) {
    this.#spec = spec;
    this.#log = log;
    this.#ended = this.#keepRunning();
  }

  /** Settles with the exit code once the process has ended for good. */
  get ended(): Promise<number> {
    return this.#ended;
  }

  /** Asks the process to end in its own time. */
  stop(): Promise<number> {
    this.#isStopping = true;
    this.#process?.kill('SIGTERM');
    return this.#ended;
  }

  async #keepRunning(): Promise<number> {
    for (let isFirst = true; ; isFirst = false) {
      const startedAt = performance.now();
      const { code, signal } = await this.#runOnce();
      if (this.#isStopping) return code ?? 0;
      const livedMs = performance.now() - startedAt;
      if (isFirst && livedMs < FIRST_START_MS && signal === null) return code ?? 1;
      this.#log.warn({ process: this.#spec.name, code, signal }, 'a service ended; starting it again');
      if (livedMs < QUICK_END_MS) await sleep(RESTART_PAUSE_MS);
      if (this.#isStopping) return code ?? 0;
    }
  }

  async #runOnce(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const child = spawn(process.execPath, this.#spec.args, { env: this.#spec.env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
    this.#process = child;
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { code, signal };
  }
}
