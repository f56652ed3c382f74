import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, '../../..');

/** A page of the documentation. */
export interface Page {
  /** Its path from the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** All pages: those of `docs`, and those for whoever comes to the repository first. */
export async function readPages(): Promise<readonly Page[]> {
  const below = await readdir(join(ROOT, 'docs'), { recursive: true });
  const paths = ['README.md', 'CONTRIBUTING.md', ...below.filter((path) => path.endsWith('.md')).map((path) => `docs/${path}`).sort()];
  return Promise.all(paths.map(readPage));
}

/** One page, by its path from the root of the repository. */
export async function readPage(path: string): Promise<Page> {
  return { path, text: await readFile(join(ROOT, path), 'utf8') };
}
