import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listBuildContext } from './build-context.ts';
import { parseDockerfile, textsOf, type Dockerfile } from './dockerfile.ts';

export const ROOT = join(import.meta.dirname, '../../..');
/** The stage whose commands make what the image runs. */
export const BUILD_STAGE = 'packages';

/** The image's Dockerfile. */
export async function readDockerfile(): Promise<Dockerfile> {
  return parseDockerfile(await readFile(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8'));
}

/**
 * Makes in `folder` what the image has in /opt/medley, without an engine: the files that an engine would get, and then the
 * commands of the build stage, as the Dockerfile has them, with the repository's own Node. Throws if one of them fails.
 */
export async function makeImageTree(folder: string): Promise<void> {
  for (const path of await listBuildContext(ROOT)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(join(ROOT, path), join(folder, path));
  }
  const stage = (await readDockerfile()).stages.find(({ name }) => name === BUILD_STAGE);
  if (stage === undefined) throw new Error(`the Dockerfile has no stage ${BUILD_STAGE}`);
  for (const command of textsOf(stage, 'RUN')) await promisify(execFile)('/bin/sh', ['-ec', command], { cwd: folder, env: cleanEnvironment(), maxBuffer: 2 ** 26 });
}

/** What an engine's shell has: none of what npm sets for the scripts that it runs, but its cache of packages. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH = '', HOME, HTTPS_PROXY, NODE_EXTRA_CA_CERTS } = process.env;
  const inherited = Object.entries(process.env).filter(([name]) => /^npm_config_(cache|registry)$/i.test(name));
  return {
    ...Object.fromEntries(inherited), HOME, HTTPS_PROXY, NODE_EXTRA_CA_CERTS,
    PATH: `${dirname(process.execPath)}${delimiter}${PATH}`, npm_config_prefer_offline: 'true', npm_config_update_notifier: 'false',
  };
}
