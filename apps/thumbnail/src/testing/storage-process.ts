import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MedleyConfig } from '@medley/config/schema';
import { resolveConfig } from '@medley/config/load';

/** A tenant that has a store of its own; another has none. */
export const OWN_STORE = 'own.example';

const STORAGE = fileURLToPath(new URL('../../../storage/src/main.ts', import.meta.url));

/** The configuration of a thumbnail service beside a storage service that keeps all it has in `folder`. */
export function toConfig(folder: string, thumbnails: object = {}, isShared = true): Promise<MedleyConfig> {
  return resolveConfig({ ...shared(folder, isShared), thumbnails, grpc: { listen: `unix://${folder}/thumbnail.sock`, storage: `unix://${folder}/storage.sock`, token: 'token' } }, {});
}

/** Starts the storage service as a process, as in a cluster; it ends with `await using`. */
export async function startStorageProcess(folder: string, isShared = true): Promise<AsyncDisposable> {
  const config = { ...shared(folder, isShared), grpc: { listen: `unix://${folder}/storage.sock`, token: 'token' } };
  const path = join(folder, 'storage.yaml');
  await writeFile(path, JSON.stringify(config)); // JSON is YAML.
  const child = spawn(process.execPath, [STORAGE, '--config', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data'); // It says that it has started, or ends.
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function shared(folder: string, isShared: boolean): object {
  return {
    homeservers: [{ server_name: 'localhost' }, { server_name: OWN_STORE, storage: { path: join(folder, 'own') } }],
    data_dir: folder,
    storage: { kind: 'filesystem', shared: isShared },
    data_port: { listen: `unix://${folder}/data.sock` },
    metrics: { host: '127.0.0.1', port: 0 },
  };
}
