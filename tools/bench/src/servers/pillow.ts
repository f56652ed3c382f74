import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { ThumbnailSpec } from '@medley/domain/thumbnail-spec';

/** Debian's own Python has python3-pil, also where another one comes first on the PATH. */
const PYTHONS = ['python3', '/usr/bin/python3'];
const SCRIPT = join(import.meta.dirname, 'synapse-thumbnails.py');

/** A warm process that makes thumbnails as Synapse does. */
export class Pillow implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    if (child.stdout === null) throw new Error('no standard output to read from');
    this.pid = child.pid ?? 0;
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts it; `undefined` where no Python has Pillow. */
  static async start(): Promise<Pillow | undefined> {
    const python = await findPython();
    if (python === undefined) return undefined;
    const child = spawn(python, ['-u', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child, 'spawn');
    return new Pillow(child);
  }

  /** Makes and encodes the thumbnails of the file at `path`. */
  async make(path: string, specs: readonly ThumbnailSpec[]): Promise<void> {
    this.#child.stdin?.write(`${JSON.stringify({ path, sizes: specs.map(({ width, height, method }) => [width, height, method]) })}\n`);
    const { done } = await this.#answers.next();
    if (done === true) throw new Error('Pillow ended; see what it said above');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await exited;
  }
}

async function findPython(): Promise<string | undefined> {
  for (const python of PYTHONS) {
    try {
      await promisify(execFile)(python, ['-c', 'import PIL']);
      return python;
    } catch {
      // No such Python, or no Pillow in it.
    }
  }
  return undefined;
}
