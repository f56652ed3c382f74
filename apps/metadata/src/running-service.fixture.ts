import assert from 'node:assert/strict';
import { resolveConfig } from '@medley/config/load';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { RunningService } from '@medley/runtime/running-service';
import { quietTelemetry } from '@medley/testing/telemetry';
import { startMetadata } from './app.ts';
import { HOUR_MS, ORIGIN } from './ports/samples.contract.ts';

/** A client that closes at the end of its block. */
export type Client = ConnectedClient<typeof MetadataServiceDefinition> & Disposable;

/** What callers must show. */
export const TOKEN = 'a token for tests';

const GRACE_MS = 1000;

/** Starts the service as its process does, from a raw configuration. Disposing of it stops it, if it was not stopped before. */
export async function start(listen: string, raw: Readonly<Record<string, unknown>>): Promise<RunningService & AsyncDisposable> {
  const whole = { homeservers: [{ server_name: ORIGIN }], grpc: { listen, token: TOKEN }, ...raw };
  const service = await startMetadata({ config: await resolveConfig(whole, {}), ...quietTelemetry() });
  let stopped: Promise<void> | undefined;
  const stop = (graceMs: number): Promise<void> => (stopped ??= service.stop(graceMs));
  return { ...service, stop, [Symbol.asyncDispose]: () => stop(GRACE_MS) };
}

/** Opens a client. */
export function connectTo(address: string, token: string = TOKEN): Client {
  const client = connectService(MetadataServiceDefinition, { address, token });
  return { ...client, [Symbol.dispose]: () => client.close() };
}

/** Reserves a media id and answers with its name. */
export async function reserve({ rpc }: Pick<Client, 'rpc'>, userId: string, lifetimeMs = HOUR_MS): Promise<MediaKey> {
  const { record } = await rpc.reserveMedia({ origin: ORIGIN, userId, unusedExpiresAtMs: Date.now() + lifetimeMs, maxPending: 0 });
  return record?.key ?? assert.fail('a record has a key');
}
