import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** One line that a service logged; lines that are no JSON have only `msg`. */
export type LogLine = Readonly<Record<string, unknown>>;

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
/** What `npm start` gives Node itself; without it a process may take more memory than the documentation says. */
const NODE_ARGS = nodeArgsOfStart();
const STOP_LIMIT_MS = 20_000;
const TAIL_LINES = 40;
/** What ends with this process. */
const RUNNING = new Set<Program>();

process.once('exit', () => RUNNING.forEach((program) => program.kill()));

/** A program of the workspace, which ends with this process at the latest, or is killed by `using` if it still runs. */
export class Program implements Disposable {
  readonly pid: number;
  /** The exit code, or `null` if a signal ended it. */
  readonly exited: Promise<number | null>;
  readonly logs: LogLine[] = [];
  readonly #child: ChildProcess;
  #hasExited = false;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    RUNNING.add(this);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code) => {
        this.#hasExited = true;
        RUNNING.delete(this);
        resolve(code);
      });
    });
    for (const output of [child.stdout, child.stderr]) this.#collect(output);
  }

  /** Starts `node <as npm start> …nodeArgs <script> …args`, with `env` over this process's own. */
  static start(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, nodeArgs: readonly string[] = []): Program {
    const child = spawn(process.execPath, [...NODE_ARGS, ...nodeArgs, `${ROOT}${script}`, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    if (child.pid === undefined) throw new Error(`could not start ${script}`);
    return new Program(child, child.pid);
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** The process ids under which `service` has started so far, the newest last. */
  pidsOf(service: string): readonly number[] {
    return this.logs.filter((line) => line['service'] === service && line['msg'] === 'started').map((line) => Number(line['pid']));
  }

  /** The last lines it said, for a failing test. */
  tail(): string {
    return this.logs.slice(-TAIL_LINES).map((line) => JSON.stringify(line)).join('\n');
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Kills it and the services that it started, without a chance to clean up. */
  kill(): void {
    if (!this.#hasExited) this.signal('SIGKILL');
    for (const line of this.logs) if (line['msg'] === 'started') killQuietly(Number(line['pid']));
  }

  [Symbol.dispose](): void {
    if (!this.#hasExited) this.kill();
  }

  /** Asks it to end and answers with its exit code; kills it and throws if it takes longer than `limitMs`. */
  async stop(limitMs = STOP_LIMIT_MS): Promise<number | null> {
    this.signal('SIGTERM');
    const limit = setTimeout(() => this.kill(), limitMs);
    const startedAt = performance.now();
    const code = await this.exited;
    clearTimeout(limit);
    if (performance.now() - startedAt >= limitMs) throw new Error(`it did not end within ${limitMs} ms:\n${this.tail()}`);
    return code;
  }

  #collect(output: Readable | null): void {
    if (output === null) return;
    createInterface({ input: output }).on('line', (line) => this.logs.push(parseLine(line)));
  }
}

function nodeArgsOfStart(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { scripts: { start: string } };
  const args = scripts.start.split(' ').filter((word) => word.startsWith('--'));
  if (args.length === 0) throw new Error(`\`npm start\` gives Node nothing: ${scripts.start}`);
  return args;
}

function killQuietly(pid: number): void {
  // Zero and less would mean whole groups of processes.
  if (!(pid > 1)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function parseLine(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as LogLine;
  } catch {
    // A line that is not a log line: a stack trace, the hint of a try-out.
  }
  return { msg: line };
}
