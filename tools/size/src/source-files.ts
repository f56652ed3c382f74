import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

const SOURCE = /\.(ts|js|mjs|cjs)$/;
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'data']);
const GENERATED = ['libs/proto/src/gen'];

/** The hand-written sources under `root`: those of the apps, libs and tools, and the files beside them, as relative paths. */
export async function listSourceFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = relative(root, join(folder, entry.name)).split(sep).join('/');
      if (entry.isFile() && SOURCE.test(entry.name)) found.push(path);
      if (entry.isDirectory() && isOurs(entry.name, path)) await walk(join(folder, entry.name));
    }
  };
  await walk(root);
  return found.sort();
}

function isOurs(name: string, path: string): boolean {
  return !name.startsWith('.') && !SKIPPED_FOLDERS.has(name) && !GENERATED.includes(path);
}
