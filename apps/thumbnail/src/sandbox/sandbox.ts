import { spawnSync } from 'node:child_process';
import { findProgram } from './find-program.ts';

/** What a process may take before the kernel refuses it more, or kills it. What is not named is not limited. */
export interface ProcessLimits {
  /** Memory that it may write to; fits Node, which reserves far more addresses than it uses. */
  readonly data?: number;
  /** All of its addresses. */
  readonly as?: number;
  /** Seconds of CPU. */
  readonly cpu?: number;
  /** The largest file that it may write. */
  readonly fsize?: number;
  readonly nofile?: number;
}

/** A program and its arguments; never a line for a shell. */
export type Command = readonly [program: string, ...args: string[]];

const PROBE_MS = 5000;
/** A network of its own, where there is none; without privileges that takes user ids of its own as well. */
const NETWORKS: readonly (readonly string[])[] = [['--map-root-user', '--net'], ['--net']];

/**
 * The means of this machine to hold a process: limits by `prlimit`, and no network by `unshare`. Each is used where it is
 * installed and permitted; both are optional, so whoever uses them has a deadline and a watch over memory as well.
 */
export class Sandbox {
  readonly #isolate: readonly string[];
  readonly #prlimit: string | undefined;

  /** Tries what is permitted here; takes some milliseconds, so once at start. */
  constructor() {
    const unshare = findProgram('unshare');
    const found = unshare === undefined ? undefined : NETWORKS.map((flags) => [unshare, ...flags, '--']).find(isPermitted);
    const prlimit = findProgram('prlimit');
    this.#isolate = found ?? [];
    this.#prlimit = prlimit !== undefined && isPermitted([prlimit, '--core=0', '--']) ? prlimit : undefined;
  }

  get hasLimits(): boolean {
    return this.#prlimit !== undefined;
  }

  get hasNoNetwork(): boolean {
    return this.#isolate.length > 0;
  }

  /** The command that runs `command` under these limits. The process keeps its id, since each step becomes the next. */
  wrap(command: Command, limits: ProcessLimits): Command {
    const flags = Object.entries(limits).map(([name, value]) => `--${name}=${value}`);
    const limit = this.#prlimit === undefined ? [] : [this.#prlimit, '--core=0', ...flags, '--'];
    const [program = command[0], ...args] = [...this.#isolate, ...limit, ...command];
    return [program, ...args];
  }
}

function isPermitted([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, [...args, findProgram('true') ?? process.execPath, '--version'], { env: {}, stdio: 'ignore', timeout: PROBE_MS }).status === 0;
}
