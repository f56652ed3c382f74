import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempDir } from '@medley/testing/temp-dir';
import type { TlsMaterial } from './credentials.ts';

/** Certificates in files, as a cluster mounts them. */
export class Mounted implements AsyncDisposable {
  readonly #folder: Awaited<ReturnType<typeof makeTempDir>>;
  /** What a process that starts now reads. */
  current: TlsMaterial;

  private constructor(folder: Awaited<ReturnType<typeof makeTempDir>>, tls: TlsMaterial) {
    const file = (name: string): string => join(folder.path, name);
    this.#folder = folder;
    this.current = { ...tls, files: { ca: file('ca'), cert: file('cert'), key: file('key'), reloadMs: 20 } };
  }

  static async with(tls: TlsMaterial): Promise<Mounted> {
    const mounted = new Mounted(await makeTempDir(), tls);
    await mounted.put(tls);
    return mounted;
  }

  async put(changed: Partial<TlsMaterial>): Promise<void> {
    for (const [name, text] of Object.entries(changed)) {
      // at once, as a cluster does it: a file is never seen half written
      const path = join(this.#folder.path, name);
      await writeFile(`${path}.new`, String(text));
      await rename(`${path}.new`, path);
    }
    this.current = { ...this.current, ...changed };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}
