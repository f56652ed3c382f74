import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listBuildContext } from '@medley/tool-image/build-context';
import type { Floors } from './floors.ts';
import { parseLock } from './lock.ts';
import type { Supplies } from './problems.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const NATIVE = 'node_modules/@img';

/** Reads what the repository has. Throws if a file is missing. */
export async function readSupplies(): Promise<Supplies> {
  const [lock, manifest, floors, nodeVersion] = await Promise.all(['package-lock.json', 'package.json', 'tools/figures/floors.json', '.node-version'].map(read));
  const { allowScripts = {} } = JSON.parse(manifest ?? '') as { readonly allowScripts?: Readonly<Record<string, boolean>> };
  const shipped = (await listBuildContext(ROOT)).filter((path) => path.endsWith('/package.json')).map((path) => dirname(path));
  return {
    lock: parseLock(lock ?? ''), floors: JSON.parse(floors ?? '') as Floors, reviewedScripts: allowScripts, shipped,
    nodeVersion: (nodeVersion ?? '').trim(), libraries: await readLibraries(), now: Date.now(),
  };
}

function read(path: string): Promise<string> {
  return readFile(join(ROOT, path), 'utf8');
}

/** Of the binaries that are installed here; empty if there are none. */
async function readLibraries(): Promise<Readonly<Record<string, string>>> {
  const packages = (await readdir(join(ROOT, NATIVE))).filter((name) => name.startsWith('sharp-libvips-'));
  const all = await Promise.all(packages.map(async (name) => JSON.parse(await read(`${NATIVE}/${name}/versions.json`)) as Record<string, string>));
  return Object.assign({}, ...all) as Record<string, string>;
}

/** What the list (CycloneDX) of the image's packages names, as `name@version`; makes the image's tree for it, which takes a while. */
export async function listImage(): Promise<ReadonlySet<string>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/image/src/sbom.ts'], { cwd: ROOT, maxBuffer: 2 ** 26 });
  const { components } = JSON.parse(stdout) as { readonly components: readonly { readonly purl?: string }[] };
  return new Set(components.map(({ purl = '' }) => decodeURIComponent(purl.replace('pkg:npm/', '').replace(/\?.*/, ''))));
}
