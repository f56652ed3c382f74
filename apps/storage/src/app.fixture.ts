import { join } from 'node:path';
import { ByteLane, type LaneRequest, type LaneResponse } from '@medley/byte-lane/byte-lane';
import { resolveConfig } from '@medley/config/load';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { StorageServiceDefinition, type BlobKey, type HttpLocation, type PutBlobRequest } from '@medley/proto/storage';
import type { RunningService } from '@medley/runtime/running-service';
import { quietTelemetry } from '@medley/testing/telemetry';
import { makeTempDir } from '@medley/testing/temp-dir';
import { startStorage } from './app.ts';

export const NEVER = new AbortController().signal;

/** Where a service under test listens. */
export type Transport = 'tcp' | 'unix';

/** A running storage service and a client of it. */
export interface TestStorage extends AsyncDisposable {
  readonly service: RunningService;
  readonly rpc: ConnectedClient<typeof StorageServiceDefinition>['rpc'];
  /** Where the blobs are. */
  readonly folder: string;
  send(location: HttpLocation | undefined, request: LaneRequest): Promise<LaneResponse>;
}

/** A running storage service on free ports or sockets of its own, and a client of it. `raw` is laid over its configuration. */
export async function startTestStorage(transport: Transport = 'tcp', raw: Readonly<Record<string, unknown>> = {}): Promise<TestStorage> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeTempDir());
  const listen = (name: string) => (transport === 'tcp' ? '127.0.0.1:0' : `unix://${join(folder.path, `${name}.sock`)}`);
  const config = await resolveConfig(
    {
      homeservers: [{ server_name: 'localhost' }],
      data_dir: folder.path,
      grpc: { listen: listen('grpc'), token: 'secret' },
      data_port: { listen: listen('data') },
      ...raw,
    },
    {},
  );
  const service = await startStorage({ config, ...quietTelemetry() });
  opened.defer(() => service.stop(0));
  const client = connectService(StorageServiceDefinition, { address: service.addresses['grpc'] ?? '', token: 'secret' });
  opened.defer(() => client.close());
  const lane = opened.use(new ByteLane(4));
  const resources = opened.move();
  return {
    service,
    rpc: client.rpc,
    folder: join(folder.path, 'blobs'),
    send: (location, request) => lane.send(location ?? { url: '' }, request, NEVER),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The parts of a whole upload, into the common store if no other is named. */
export async function* upload(bytes: Uint8Array, maxBytes: number, derivedKey?: BlobKey, store = ''): AsyncGenerator<PutBlobRequest> {
  yield header(maxBytes, derivedKey, store);
  for (let at = 0; at < bytes.byteLength; at += 60_000) yield chunk(bytes.subarray(at, at + 60_000));
  yield trailer(bytes.byteLength);
}

export function header(maxBytes: number, derivedKey?: BlobKey, store = ''): PutBlobRequest {
  return { part: { $case: 'header', value: { maxBytes, derivedKey, store } } };
}

export function chunk(bytes: Uint8Array): PutBlobRequest {
  return { part: { $case: 'chunk', value: bytes } };
}

export function trailer(sizeBytes: number): PutBlobRequest {
  return { part: { $case: 'trailer', value: { sizeBytes } } };
}
