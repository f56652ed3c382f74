import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ThumbnailMethod, ThumbnailServiceDefinition, type GetThumbnailRequest } from '@medley/proto/thumbnail';
import { makeTempDir } from '@medley/testing/temp-dir';
import { quietTelemetry } from '@medley/testing/telemetry';
import { createChannel, createClient } from 'nice-grpc';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import reflection from 'nice-grpc-server-reflection/lib/proto/grpc/reflection/v1/reflection_pb.js';
import { STRANGER, TRUSTED } from './certificates.fixture.ts';
import { connectService } from './client.ts';
import type { TlsMaterial } from './credentials.ts';
import { serveGrpc, type GrpcServer } from './server.ts';

const REQUEST: GetThumbnailRequest = { sourceDigest: '', store: '', spec: { width: 1, height: 1, method: ThumbnailMethod.CROP, animated: false } };

/** A server that answers with its own name. */
async function serve(version: string, tls?: TlsMaterial, listen = 'localhost:0'): Promise<GrpcServer & AsyncDisposable> {
  const implementation = {
    getThumbnail: async () => ({ contentType: '', sizeBytes: 0, version, body: undefined }),
    prepareThumbnails: neverCalled,
    getImageInfo: neverCalled,
  };
  const server = await serveGrpc({ service: ThumbnailServiceDefinition, implementation, listen, tls, ...quietTelemetry() });
  return { ...server, [Symbol.asyncDispose]: () => server.stop(0) };
}

async function neverCalled(): Promise<never> {
  throw new Error('no test calls this');
}

async function ask(address: string, tls?: TlsMaterial): Promise<string> {
  const client = connectService(ThumbnailServiceDefinition, { address, tls, timeoutMs: 5000 });
  try {
    return (await client.rpc.getThumbnail(REQUEST)).version;
  } finally {
    client.close();
  }
}

describe('mutual TLS', () => {
  it('lets in whom the authority signed, and nobody else', async () => {
    await using server = await serve('v', TRUSTED);
    assert.equal(await ask(server.address, TRUSTED), 'v');
    await assert.rejects(ask(server.address, STRANGER), { reason: 'SERVICE_UNAVAILABLE' });
    await assert.rejects(ask(server.address), { reason: 'SERVICE_UNAVAILABLE' });
  });

  it('does not talk to a server that shows another certificate', async () => {
    await using impostor = await serve('v', STRANGER);
    await assert.rejects(ask(impostor.address, TRUSTED), { reason: 'SERVICE_UNAVAILABLE' });
  });
});

describe('a name with several addresses', () => {
  it('has its calls spread over all of them, and over the rest when one goes', async () => {
    await using first = await serve('first');
    await using second = await serve('second');
    const ports = [first, second].map(({ address }) => address.replace(/.*:/, '127.0.0.1:'));
    const client = connectService(ThumbnailServiceDefinition, { address: `ipv4:${ports.join(',')}` });
    const answers = async (): Promise<Set<string>> => {
      const all = await Promise.all(Array.from({ length: 20 }, () => client.rpc.getThumbnail(REQUEST)));
      return new Set(all.map(({ version }) => version));
    };
    // both connections open with the first calls; until then one may take them all
    let seen = await answers();
    for (let round = 0; round < 50 && seen.size < 2; round += 1) seen = await answers();
    assert.deepEqual([...seen].toSorted(), ['first', 'second']);
    await first.stop(1000);
    assert.deepEqual([...(await answers())], ['second']);
    client.close();
  });
});

describe('a unix socket', () => {
  it('that a killed process left behind is taken over; one in use is not', async () => {
    await using folder = await makeTempDir();
    const path = join(folder.path, 'service.sock');
    const listener = "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))";
    await once(spawn(process.execPath, ['-e', listener, path]), 'exit');
    await access(path);
    const listen = `unix://${path}`;
    await using server = await serve('v', undefined, listen);
    assert.equal(await ask(server.address), 'v');
    await assert.rejects(serve('second', undefined, listen));
  });
});

describe('reflection', () => {
  it('tells what the server offers', async () => {
    await using server = await serve('v');
    const channel = createChannel(server.address);
    const request = new reflection.ServerReflectionRequest();
    request.setListServices('*');
    const answers = createClient(ServerReflectionService, channel).serverReflectionInfo((async function* () {
      yield request;
    })());
    for await (const answer of answers) {
      const names = answer.getListServicesResponse()?.getServiceList().map((service) => service.getName());
      assert.deepEqual(names, [ThumbnailServiceDefinition.fullName]);
      break;
    }
    channel.close();
  });
});
