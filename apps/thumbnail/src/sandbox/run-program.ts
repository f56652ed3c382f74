import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { killGroup } from './kill-group.ts';
import type { Command } from './sandbox.ts';

export interface RunOptions {
  /** Its working folder, and the only one it has to know. */
  readonly cwd: string;
  readonly maxOutputBytes: number;
}

/**
 * Runs a program with an empty environment and returns what it writes to its standard output. Throws when it fails, or
 * writes more than allowed. When `signal` aborts, it and whatever it started are killed, and its reason is thrown.
 */
export async function runProgram([program, ...args]: Command, { cwd, maxOutputBytes }: RunOptions, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const child = spawn(program, args, { cwd, env: {}, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const kill = (): void => killGroup(child.pid);
  signal.addEventListener('abort', kill, { once: true });
  try {
    const ended: Promise<unknown[]> = once(child, 'close');
    ended.catch(() => undefined); // Awaited once the output has ended.
    const output = await collect(child.stdout, maxOutputBytes);
    const [code, killedBy] = await ended;
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`the program ended: ${String(killedBy ?? code)}`);
    return output;
  } finally {
    kill();
    signal.removeEventListener('abort', kill);
  }
}

async function collect(output: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of output) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the program wrote more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
