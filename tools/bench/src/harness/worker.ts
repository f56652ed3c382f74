import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

type Reply = { readonly value: unknown } | { readonly error: string };

const FOLDER = join(import.meta.dirname, '..');

/** A script of this package in a process of its own, which answers one request at a time; see `serveRequests`. */
export class Worker implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts `script`, a path in `src`. */
  static async start(script: string): Promise<Worker> {
    const child = fork(join(FOLDER, script), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    await once(child, 'spawn');
    return new Worker(child);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Sends a request and returns its answer. Rejects with what went wrong there, also when the process ends. */
  async call<Answer>(request: unknown): Promise<Answer> {
    const over = new AbortController();
    const { signal } = over;
    try {
      const replied = once(this.#child, 'message', { signal });
      const ended = once(this.#child, 'exit', { signal }).then(() => [{ error: `${this.#child.spawnargs.at(-1)} ended` }]);
      this.#child.send(request as object);
      const [reply] = (await Promise.race([replied, ended])) as [Reply];
      if ('error' in reply) throw new Error(reply.error);
      return reply.value as Answer;
    } finally {
      over.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

/** The other end: answers each request with what `handle` returns, and ends with the process that started it. */
export function serveRequests<Request>(handle: (request: Request) => Promise<unknown>): void {
  process.on('message', (request: Request) => {
    handle(request).then(
      (value) => process.send?.({ value: value ?? null }),
      (error: unknown) => process.send?.({ error: error instanceof Error ? String(error.stack) : String(error) }),
    );
  });
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}
