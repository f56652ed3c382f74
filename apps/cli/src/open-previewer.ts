import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { connectService } from '@medley/grpc/client';
import { UrlPreviewServiceDefinition, type ExplainUrlRequest, type ExplainUrlResponse } from '@medley/proto/url-preview';
import { orAbort } from '@medley/streams/abort';
import type { ConfigSource } from './cli-config.ts';
import { endChild } from './end-child.ts';
import type { CommonOptions } from './options.ts';

/** Somebody who explains previews. */
export interface Previewer extends AsyncDisposable {
  explain(request: ExplainUrlRequest): Promise<ExplainUrlResponse>;
}

const ENTRY_POINT = fileURLToPath(new URL('../../url-preview/src/main.ts', import.meta.url));
const START_LIMIT_MS = 10_000;
const PAUSE_MS = 20;
/** Beyond what the service may take itself. */
const CALL_MARGIN_MS = 10_000;

/**
 * Connects to the url-preview service of a cluster, or starts one that ends with this process: `--connect` and
 * `--standalone` say which, else whether records are embedded.
 */
export async function openPreviewer(source: ConfigSource, { connect, standalone }: CommonOptions, signal: AbortSignal): Promise<Previewer> {
  const { grpc, metadata, url_previews: previews } = source.config;
  const timeoutMs = previews.timeout + CALL_MARGIN_MS;
  const isCluster = connect === true || (metadata.kind === 'mongodb' && standalone !== true);
  if (!isCluster) return startOwn(source, timeoutMs, signal);
  const client = connectService(UrlPreviewServiceDefinition, { address: grpc.url_preview, token: grpc.token, tls: grpc.tls });
  return {
    explain: (request) => client.rpc.explainUrl(request, { signal, timeoutMs }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

async function startOwn({ path, env, config }: ConfigSource, timeoutMs: number, signal: AbortSignal): Promise<Previewer> {
  const folder = await mkdtemp(join(tmpdir(), 'medley-preview-'));
  const socket = join(folder, 'url-preview.sock');
  const address = `unix://${socket}`;
  const args = [...process.execArgv, ENTRY_POINT, ...(path === undefined ? [] : ['--config', path])];
  const own = { ...env, MEDLEY_GRPC__LISTEN: address, MEDLEY_METRICS__PORT: '0', MEDLEY_TELEMETRY__LOG_LEVEL: 'warn' };
  const child = spawn(process.execPath, args, { env: own, stdio: ['ignore', 2, 2, 'ipc'], detached: true });
  const client = connectService(UrlPreviewServiceDefinition, { address, token: config.grpc.token, tls: config.grpc.tls });
  return {
    async explain(request) {
      await untilListening(child, socket, signal);
      return await client.rpc.explainUrl(request, { signal, timeoutMs });
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await endChild(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits for the socket of a service that has just been started: a channel that finds none pauses for a second. */
async function untilListening(child: ChildProcess, path: string, signal: AbortSignal): Promise<void> {
  const startedAt = performance.now();
  while (!(await isThere(path))) {
    if (child.exitCode !== null) throw new Error(`could not start the url-preview service: it ended with ${child.exitCode}`);
    if (performance.now() - startedAt > START_LIMIT_MS) throw new Error('could not start the url-preview service in time');
    await orAbort(sleep(PAUSE_MS), signal);
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
