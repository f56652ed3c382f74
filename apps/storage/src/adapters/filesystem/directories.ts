import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SingleFlight } from '@medley/streams/single-flight';
import { errorCode } from './fs-errors.ts';

/** How many directories are remembered as made: most of the two upper levels. */
const MAX_KNOWN = 10_000;

/** Makes the directories below a root so that they outlive a power failure. */
export class Directories {
  readonly #root: string;
  readonly #making = new SingleFlight<void>();
  readonly #known = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes `path` and its parents up to the root. Of callers that come together each waits until the entries are durable. */
  async ensure(path: string): Promise<void> {
    if (path === this.#root || this.#known.has(path)) return;
    await this.#making.run(path, () => this.#make(path));
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.add(path);
  }

  /** To be called when a directory turns out to be missing: whoever removed it may have removed others. */
  forget(): void {
    this.#known.clear();
  }

  async #make(path: string): Promise<void> {
    const parent = dirname(path);
    await this.ensure(parent);
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return;
      throw error;
    }
    await syncDirectory(parent);
  }
}

/** Makes the names within a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}
