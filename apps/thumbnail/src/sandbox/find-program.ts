import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where programs lie that nobody put elsewhere. */
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/bin'].join(delimiter);

/** The whole path of a program in one of the folders of `path`, or `undefined`. To be called at start: it waits for the disk. */
export function findProgram(name: string, path = FOLDERS): string | undefined {
  return path.split(delimiter).filter(Boolean).map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false; // Not there, or not for us.
  }
}
