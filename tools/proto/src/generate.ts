import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const PROTO = join(ROOT, 'proto');

/** Runs buf in the proto folder, with the generators of this workspace. Rejects with what it printed. */
export async function buf(...args: readonly string[]): Promise<void> {
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}` };
  await promisify(execFile)(join(BIN, 'buf'), [...args], { cwd: PROTO, env });
}

/** Writes what is generated from the proto files into `folder`: `gen/**` and `descriptor-set.binpb`. */
export async function generate(folder: string): Promise<void> {
  const template = join(PROTO, 'buf.gen.yaml');
  await buf('generate', '--template', template, '--output', join(folder, '../../../proto'));
  await buf('build', '--as-file-descriptor-set', '-o', join(folder, 'descriptor-set.binpb'));
}

if (import.meta.main) await generate(join(ROOT, 'libs/proto/src'));
