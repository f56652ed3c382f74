import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One line of `.dockerignore`: paths that it names, and all below them, are left out, or taken in again. */
interface Rule {
  readonly pattern: RegExp;
  readonly takesIn: boolean;
}

/**
 * The files below `root` that an engine gets to see, as relative paths in order. As Docker does it, the last rule that fits
 * decides; unlike Docker, nothing below a folder that is left out is taken in again.
 */
export async function listBuildContext(root: string): Promise<readonly string[]> {
  const rules = parseIgnoreFile(await readFile(join(root, '.dockerignore'), 'utf8'));
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (isLeftOut(path, rules)) continue;
      if (entry.isDirectory()) await walk(path);
      else found.push(path);
    }
  };
  await walk('');
  return found.sort();
}

function parseIgnoreFile(text: string): readonly Rule[] {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const takesIn = line.startsWith('!');
    return { takesIn, pattern: toPattern(takesIn ? line.slice(1) : line) };
  });
}

/** `**` is any number of folders, `*` anything within a name; what is named is named with all below it. */
function toPattern(glob: string): RegExp {
  const source = glob.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('**/', '\u0000').replaceAll('*', '[^/]*').replaceAll('\u0000', '(?:.*/)?');
  return new RegExp(`^${source}(?:/.*)?$`);
}

function isLeftOut(path: string, rules: readonly Rule[]): boolean {
  return rules.findLast(({ pattern }) => pattern.test(path))?.takesIn === false;
}
