import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SingleFlight } from '@medley/streams/single-flight';
import { errorCode } from './fs-errors.ts';

/** Makes the directories below a root so that they outlive a power failure. */
export class Directories {
  readonly #root: string;
  readonly #making = new SingleFlight<void>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes `path` and its parents up to the root. Of callers that come together each waits until the entries are durable. */
  async ensure(path: string): Promise<void> {
    if (path !== this.#root) await this.#making.run(path, () => this.#make(path));
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
