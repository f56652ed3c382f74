import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { connectTo, start, type Client } from './running-service.fixture.ts';

/** A service on SQLite with data of its own, and a client of it, while the tests of the block run that calls this. */
export function useService(): Pick<Client, 'rpc'> {
  const opened = new AsyncDisposableStack();
  let client: Client | undefined;
  before(async () => {
    const folder = opened.use(await makeTempDir());
    const socket = `unix://${join(folder.path, 'metadata.sock')}`;
    opened.use(await start(socket, { data_dir: folder.path }));
    client = opened.use(connectTo(socket));
  });
  after(() => opened.disposeAsync());
  return {
    get rpc() {
      return client?.rpc ?? assert.fail('the service runs only while tests do');
    },
  };
}
