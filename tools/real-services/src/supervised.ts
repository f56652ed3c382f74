import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

const STDERR_TAIL_CHARS = 8192;

/** A command to run, and what belongs to it. */
export interface SupervisedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Removed if this process ends before the command does. */
  readonly folder?: string;
}

/** A running command that ends, at the latest, together with this process. */
export interface Supervised {
  /** Settles with the exit code once the command and its supervisor are gone; never rejects. */
  readonly exited: Promise<number>;
  readonly hasExited: () => boolean;
  /** The end of what the command wrote to standard error. */
  readonly stderrTail: () => string;
  /** Sends `signal` to the command's process group; nothing happens if it has ended. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Decides whether the running command keeps this process alive; at first it does. */
  readonly hold: (held: boolean) => void;
}

/** Starts `spec.command` in a process group of its own, under a supervisor that outlives this process if need be. */
export function startSupervised(spec: SupervisedCommand): Supervised {
  const supervisor = fileURLToPath(new URL('./supervisor.ts', import.meta.url));
  const child = spawn(process.execPath, [supervisor, spec.folder ?? '', spec.command, ...spec.args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: spec.env,
    detached: true,
    ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
  });
  const { stderr } = child;
  let tail = '';
  let ended = false;
  stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
  });
  const exited = new Promise<number>((resolve) => {
    const finish = (code: number): void => {
      ended = true;
      resolve(code);
    };
    child.once('error', (error) => {
      tail += error.message;
      finish(127);
    });
    child.once('close', (code) => finish(code ?? 1));
  });
  return {
    exited,
    hasExited: () => ended,
    stderrTail: () => tail.trim(),
    signal: (signal) => {
      if (child.connected) child.send(signal, () => {});
    },
    hold: (held) => {
      const change = held ? 'ref' : 'unref';
      child[change]();
      child.channel?.[change]();
      if (stderr instanceof Socket) stderr[change]();
    },
  };
}
