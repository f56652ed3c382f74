import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { MEDIA_ERROR_REASONS, MediaError } from '@medley/domain/media-error';
import { ThumbnailMethod, ThumbnailServiceDefinition, type GetThumbnailRequest, type GetThumbnailResponse } from '@medley/proto/thumbnail';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { currentRequestId, runForRequest } from '@medley/telemetry/request-id';
import { quietTelemetry } from '@medley/testing/telemetry';
import { createChannel, createClient } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { connectService } from './client.ts';
import { serveGrpc, type CallContext, type GrpcServer } from './server.ts';
import { retryableMethods } from './service-config.ts';

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const SERVING = 1;
const REQUEST: GetThumbnailRequest = { sourceDigest: '', store: '', spec: { width: 1, height: 1, method: ThumbnailMethod.CROP, animated: false } };
const RESPONSE: GetThumbnailResponse = { contentType: 'image/png', sizeBytes: 0, version: 'v', body: undefined };

type Handler = (request: GetThumbnailRequest, context: CallContext) => Promise<GetThumbnailResponse>;

/** A real server on a free port whose one method does what the test says. */
async function serve(handler: () => Handler, token?: string, listen = '127.0.0.1:0'): Promise<GrpcServer> {
  const implementation = {
    getThumbnail: (request: GetThumbnailRequest, context: CallContext) => handler()(request, context),
    prepareThumbnails: neverCalled,
    getImageInfo: neverCalled,
  };
  return serveGrpc({ service: ThumbnailServiceDefinition, implementation, listen, token, ...quietTelemetry() });
}

async function neverCalled(): Promise<never> {
  throw new Error('no test calls this');
}

describe('a call over the wire', () => {
  let server: GrpcServer;
  let handler: Handler = async () => RESPONSE;
  before(async () => void (server = await serve(() => handler, 'secret')));
  after(() => server.stop(0));
  const connect = (token = 'secret') => connectService(ThumbnailServiceDefinition, { address: server.address, token });

  for (const reason of MEDIA_ERROR_REASONS) {
    it(`brings back ${reason} with its message and when to retry`, async () => {
      handler = () => Promise.reject(new MediaError(reason, `it was ${reason}`, { retryAfterMs: 1234 }));
      const client = connect();
      await assert.rejects(client.rpc.getThumbnail(REQUEST), { name: 'MediaError', reason, message: `it was ${reason}`, retryAfterMs: 1234 });
      client.close();
    });
  }

  it('tells nothing of an unexpected failure', async () => {
    handler = () => Promise.reject(new Error('password=hunter2'));
    const client = connect();
    await assert.rejects(client.rpc.getThumbnail(REQUEST), (error: MediaError) => error.reason === 'INTERNAL' && !error.message.includes('hunter2'));
    client.close();
  });

  it('fails with TIMED_OUT at its deadline, and aborts the handler', async () => {
    const aborted = Promise.withResolvers<void>();
    handler = async (_, { signal }) => {
      await once(signal, 'abort');
      aborted.resolve();
      throw signal.reason;
    };
    const client = connect();
    await assert.rejects(client.rpc.getThumbnail(REQUEST, { timeoutMs: 50 }), { reason: 'TIMED_OUT' });
    await aborted.promise;
    client.close();
  });

  it('aborts the handler when the caller gives up', async () => {
    const caller = new AbortController();
    const aborted = Promise.withResolvers<void>();
    handler = async (_, { signal }) => {
      caller.abort();
      await once(signal, 'abort');
      aborted.resolve();
      return RESPONSE;
    };
    const client = connect();
    await assert.rejects(client.rpc.getThumbnail(REQUEST, { signal: caller.signal }), { name: 'AbortError' });
    await aborted.promise;
    client.close();
  });

  it('carries the request id', async () => {
    let seen: string | undefined;
    handler = async () => {
      seen = currentRequestId();
      return RESPONSE;
    };
    const client = connect();
    await runForRequest('request-7', () => client.rpc.getThumbnail(REQUEST));
    assert.equal(seen, 'request-7');
    client.close();
  });

  for (const token of ['wrong', '']) {
    it(`is refused with the token ${JSON.stringify(token)}`, async () => {
      let isCalled = false;
      handler = async () => {
        isCalled = true;
        return RESPONSE;
      };
      const client = connect(token);
      await assert.rejects(client.rpc.getThumbnail(REQUEST), { reason: 'INTERNAL' });
      assert.equal(isCalled, false);
      client.close();
    });
  }

  it('finds health without a token', async () => {
    const channel = createChannel(server.address);
    const { status } = await createClient(HealthDefinition, channel).check({ service: ThumbnailServiceDefinition.fullName });
    assert.equal(status, SERVING);
    channel.close();
  });
});

describe('a peer that is not there', () => {
  it('is SERVICE_UNAVAILABLE, and found again by itself', async () => {
    let calls = 0;
    const handler: Handler = async () => {
      calls += 1;
      return RESPONSE;
    };
    const first = await serve(() => handler);
    const { address } = first;
    const client = connectService(ThumbnailServiceDefinition, { address });
    await client.rpc.getThumbnail(REQUEST);
    await first.stop(0);
    await assert.rejects(client.rpc.getThumbnail(REQUEST), { reason: 'SERVICE_UNAVAILABLE' });
    const second = await serve(() => handler, undefined, address);
    await client.rpc.getThumbnail(REQUEST);
    assert.equal(calls, 2);
    client.close();
    await second.stop(0);
  });

  it('finishes running calls when it stops, within its grace', async () => {
    const started = Promise.withResolvers<void>();
    const release = Promise.withResolvers<GetThumbnailResponse>();
    const server = await serve(() => () => {
      started.resolve();
      return release.promise;
    });
    const client = connectService(ThumbnailServiceDefinition, { address: server.address });
    const call = client.rpc.getThumbnail(REQUEST);
    await started.promise;
    const stopped = server.stop(10_000);
    release.resolve(RESPONSE);
    assert.equal((await call).version, 'v');
    await stopped;
    client.close();
  });
});

describe('a server that stops', () => {
  it('cuts calls that take longer than its grace', { timeout: 10_000 }, async () => {
    const started = Promise.withResolvers<void>();
    const server = await serve(() => async (_, { signal }) => {
      started.resolve();
      await once(signal, 'abort');
      throw signal.reason;
    });
    const client = connectService(ThumbnailServiceDefinition, { address: server.address });
    const call = assert.rejects(client.rpc.getThumbnail(REQUEST, { timeoutMs: 60_000 }), { reason: 'SERVICE_UNAVAILABLE' });
    await started.promise;
    await server.stop(50);
    await call;
    client.close();
  });
});

describe('retries', () => {
  it('are not for what the handler itself answered', async () => {
    let calls = 0;
    const server = await serve(() => async () => {
      calls += 1;
      throw new MediaError('SERVICE_UNAVAILABLE', 'the store is away');
    });
    const client = connectService(ThumbnailServiceDefinition, { address: server.address });
    await assert.rejects(client.rpc.getThumbnail(REQUEST), { reason: 'SERVICE_UNAVAILABLE' });
    assert.equal(calls, 1);
    client.close();
    await server.stop(0);
  });

  it('are for the methods that the proto files mark, and never for a streamed request', () => {
    assert.deepEqual(retryableMethods(StorageServiceDefinition).toSorted(), ['CheckStore', 'DeleteBlob', 'GetBlob', 'ListBlobs', 'LocateBlob', 'LocatePublicBlob', 'LocateUpload', 'StatBlob', 'SweepStaging', 'VerifyBlob']);
  });
});
