import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, type Page } from './pages.ts';

const SOURCE = 'apps/cli/src/run-cli.ts';
/** What stands behind the command's name, up to what is no part of it: the end of code, a pipe, a comment. */
const CALL = /(?:npm run -s medley --|medley --config \S+|`medley) ([^`|#\n]*)/g;
const OPTION = /(?<=^|[\s[])--?[a-z][a-z-]*/g;

/** What the operator's command understands. */
export interface Vocabulary {
  readonly commands: ReadonlySet<string>;
  readonly options: ReadonlySet<string>;
}

/** Reads the names of commands and options where they are declared. */
export async function readVocabulary(): Promise<Vocabulary> {
  const source = await readFile(join(ROOT, SOURCE), 'utf8');
  const commands = [...source.matchAll(/\.command\('([a-z-]+)'\)/g)].map(([, name = '']) => name);
  const declared = [...source.matchAll(/(?:[oO]ption\()'([^']+)'/g)].flatMap(([, flags = '']) => flags.match(OPTION) ?? []);
  return { commands: new Set(commands), options: new Set([...declared, '--help']) };
}

/** The calls of the operator's command on a page that it would not understand. */
export function findUnknownCalls({ path, text }: Page, { commands, options }: Vocabulary): readonly string[] {
  return [...text.matchAll(CALL)].flatMap(([, words = '']) => {
    const unknown = (words.match(OPTION) ?? []).filter((option) => !options.has(option));
    const [command] = words.replaceAll(/(?:-c|--config) \S+|\[[^\]]*\]|--?[a-z-]+/g, '').trim().split(/\s+/);
    const isKnown = command === undefined || commands.has(command) || !/^[a-z]/.test(command);
    return [...unknown, ...(isKnown ? [] : [command])].map((word) => `${path}: medley has no ${word}`);
  });
}
