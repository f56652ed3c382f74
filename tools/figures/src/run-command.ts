import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What became of a command. */
export interface Outcome {
  /** The last line that it printed, if that was a JSON object; else nothing. */
  readonly report: Readonly<Record<string, unknown>>;
  /** `undefined` if it ended with 0. */
  readonly problem: string | undefined;
}

const ROOT = join(import.meta.dirname, '../../..');

/** Runs a script of the workspace to its end, or until `signal` aborts; what it says on stderr is passed on. Never throws for what it does. */
export async function runCommand(script: string, args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  // In a group of its own, so that what it has started ends with it.
  const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const end = (): void => endGroup(child.pid);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  const exited = once(child, 'exit');
  const output = await text(child.stdout);
  const [code, killedBy] = await exited;
  signal.removeEventListener('abort', end);
  return { report: parseReport(output), problem: code === 0 ? undefined : `the command ended with ${code ?? killedBy}` };
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  } catch {
    // All of it has ended.
  }
}

function parseReport(output: string): Outcome['report'] {
  try {
    const value: unknown = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
    if (typeof value === 'object' && value !== null) return value as Outcome['report'];
  } catch {
    // No report: then its figures have no value.
  }
  return {};
}
