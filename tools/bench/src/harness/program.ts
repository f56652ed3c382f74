import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, closeSync } from 'node:fs';
import { readCommand, readTrees } from './processes.ts';

export interface ProgramOptions {
  readonly args: readonly string[];
  /** Over this process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A file for what it says on standard error; its standard output is thrown away. */
  readonly errorLog: string;
}

const STOP_LIMIT_MS = 20_000;

/** A program that runs until it is disposed of, with all that it starts. */
export class Program implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #errorLog: string;
  readonly #exited: Promise<unknown>;
  readonly #onExit = (): void => killAll(this.#tree());

  private constructor(child: ChildProcess, pid: number, errorLog: string) {
    this.pid = pid;
    this.#child = child;
    this.#errorLog = errorLog;
    this.#exited = once(child, 'exit');
    process.once('exit', this.#onExit);
  }

  static async start(command: string, { args, env = {}, cwd, errorLog }: ProgramOptions): Promise<Program> {
    const log = openSync(errorLog, 'a');
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', log], env: { ...process.env, ...env }, ...(cwd !== undefined && { cwd }) });
    closeSync(log);
    await once(child, 'spawn');
    return new Program(child, child.pid ?? 0, errorLog);
  }

  /** Rejects with what it said when it ends by itself. */
  async failOnExit(): Promise<never> {
    await this.#exited;
    throw new Error(`${this.#child.spawnargs.join(' ')} ended:\n${readFileSync(this.#errorLog, 'utf8').slice(-2000)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const tree = this.#tree();
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    this.#child.kill('SIGTERM');
    await this.#exited;
    clearTimeout(limit);
    process.off('exit', this.#onExit);
    killAll(tree);
  }

  #tree(): readonly Running[] {
    return readTrees([this.pid]).map(({ pid }) => ({ pid, command: readCommand(pid) }));
  }
}

interface Running {
  readonly pid: number;
  readonly command: string;
}

function killAll(tree: readonly Running[]): void {
  for (const { pid, command } of tree) {
    // The system may have given the number to somebody else by now.
    if (command === '' || readCommand(pid) !== command) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already, as it should.
    }
  }
}
