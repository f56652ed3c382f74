import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { FileDescriptor } from './descriptors.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const BIN = join(ROOT, 'node_modules/.bin');
const PROTO = join(ROOT, 'proto');
/** All descriptors with their comments are some hundred KiB. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/** Runs buf in the proto folder, with the generators of this workspace. Rejects with what it printed. */
export async function buf(...args: readonly string[]): Promise<void> {
  await runBuf(...args);
}

function runBuf(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  const env = { ...process.env, PATH: `${BIN}${delimiter}${process.env['PATH'] ?? ''}` };
  return promisify(execFile)(join(BIN, 'buf'), [...args], { cwd: PROTO, env, maxBuffer: MAX_OUTPUT_BYTES });
}

/** What the proto files say, with their comments. */
export async function readDescriptors(): Promise<readonly FileDescriptor[]> {
  const { stdout } = await runBuf('build', '--output', '-#format=json');
  return (JSON.parse(stdout) as { readonly file: readonly FileDescriptor[] }).file;
}

/** Writes what is generated from the proto files into `folder`: `gen/**` and `descriptor-set.binpb`. */
export async function generate(folder: string): Promise<void> {
  const template = join(PROTO, 'buf.gen.yaml');
  await buf('generate', '--template', template, '--output', join(folder, '../../../proto'));
  await buf('build', '--as-file-descriptor-set', '-o', join(folder, 'descriptor-set.binpb'));
}

if (import.meta.main) await generate(join(ROOT, 'libs/proto/src'));
