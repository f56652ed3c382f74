import { COMMON_STORE } from '@medley/domain/store-name';
/** The yardstick for the byte lane: a gateway that does nothing but pass a blob on from storage's gRPC stream. */
import { createServer, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { serveRequests } from '../harness/worker.ts';
import { listen } from './listen.ts';

export interface StreamGatewayOptions {
  readonly address: string;
  readonly token: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

const TIMEOUT_MS = 60_000;

serveRequests<StreamGatewayOptions>(async ({ address, token, digest, sizeBytes }) => {
  const { rpc } = connectService(StorageServiceDefinition, { address, token });
  return listen(createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': sizeBytes });
    send(rpc, digest, response).catch(() => response.destroy());
  }));
});

async function send(rpc: ConnectedClient<typeof StorageServiceDefinition>['rpc'], digest: string, response: ServerResponse): Promise<void> {
  await pipeline(readChunks(rpc.getBlob({ key: { digest, derivation: '', store: COMMON_STORE } }, { timeoutMs: TIMEOUT_MS })), response);
}

async function* readChunks(parts: AsyncIterable<{ readonly chunk: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { chunk } of parts) yield chunk;
}
