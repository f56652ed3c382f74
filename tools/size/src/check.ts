/** Prints every file and function that is too long, and how long they are in general; ends with 1 if there are offenders. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOffenders, summarize } from './limits.ts';
import { measure } from './measure.ts';
import { listSourceFiles } from './source-files.ts';

const root = process.argv[2] ?? join(import.meta.dirname, '../../..');
const paths = await listSourceFiles(root);
const files = await Promise.all(paths.map(async (path) => measure(path, await readFile(join(root, path), 'utf8'))));
const offenders = findOffenders(files);

for (const offender of offenders) console.log(offender);
console.log(`size: ${summarize(files)}; ${offenders.length} over the limit`);
if (files.length === 0 || offenders.length > 0) process.exitCode = 1;
