import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The cases whose rendered text is kept, so that a change shows what it does. */
export const GOLDEN_CASES = ['demo', 'ess', 'two-homeservers'] as const;

const FOLDER = new URL('../golden/', import.meta.url);

/** Where a case's text is kept, as seen from this project. */
export function goldenPath(name: string): string {
  return `golden/${name}.yaml`;
}

/** Whether the texts are to be written anew: `MEDLEY_TEST_RENEW=1`. */
export function isRenewing(): boolean {
  return process.env['MEDLEY_TEST_RENEW'] === '1';
}

/** The kept text of a case. */
export function readGolden(name: string): Promise<string> {
  return readFile(fileURLToPath(new URL(`${name}.yaml`, FOLDER)), 'utf8');
}

/** Keeps a text for a case. */
export async function writeGolden(name: string, text: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL(`${name}.yaml`, FOLDER), text);
}
