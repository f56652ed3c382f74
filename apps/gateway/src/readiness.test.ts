import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { connectService } from '@medley/grpc/client';
import { serveGrpc } from '@medley/grpc/server';
import { MetadataServiceDefinition } from '@medley/proto/metadata';
import { StorageServiceDefinition } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { FakeMetadata, withoutOthers } from './gateway.fixture.ts';
import { GatewayReadiness } from './readiness.ts';

/** The readiness of a gateway between services that are well, of which storage says this of its store. */
async function setUp(checkStore: () => Promise<object>) {
  await using opened = new AsyncDisposableStack();
  const implementation = withoutOthers(StorageServiceDefinition, { checkStore, locateUpload: async () => ({ http: undefined }) });
  const storageServer = await serveGrpc({ service: StorageServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
  opened.defer(() => storageServer.stop(0));
  const metadataServer = await serveGrpc({ service: MetadataServiceDefinition, implementation: new FakeMetadata().implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
  opened.defer(() => metadataServer.stop(0));
  const storage = connectService(StorageServiceDefinition, { address: storageServer.address });
  opened.defer(() => storage.close());
  const metadata = connectService(MetadataServiceDefinition, { address: metadataServer.address });
  opened.defer(() => metadata.close());
  const readiness = new GatewayReadiness({ metadata: metadata.rpc, storage: storage.rpc }, 'a.example', { isConnected: true }, { isShedding: false });
  const owned = opened.move();
  return {
    readiness,
    storeState: () => readiness.dependencies.map(({ state }) => state).find(({ name }) => name === 'store'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

describe('a gateway whose storage works', () => {
  it('is ready while the store is away, and shows it', async () => {
    let isWell = true;
    await using scene = await setUp(async () => isWell ? {} : Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'The store can’t be used now')));
    const assertState = async (state: string): Promise<void> => {
      assert.deepEqual(await scene.readiness.check(), []);
      await eventually(() => assert.deepEqual([scene.storeState()?.state, scene.storeState()?.required], [state, false]));
    };
    await assertState('ok');
    isWell = false;
    await assertState('failing');
    isWell = true;
    await assertState('ok');
  });

  it('says so without waiting for a store that hangs', async () => {
    const gate = Promise.withResolvers<object>();
    await using scene = await setUp(() => gate.promise);
    assert.deepEqual(await scene.readiness.check(), []);
    assert.equal(scene.storeState()?.state, 'unknown');
    gate.resolve({});
    await eventually(() => assert.equal(scene.storeState()?.state, 'ok'));
  });
});
