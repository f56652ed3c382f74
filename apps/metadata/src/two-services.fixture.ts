import { join } from 'node:path';
import { makeTempDir } from '@medley/testing/temp-dir';
import { connectTo, start, type Client } from './running-service.fixture.ts';

/** Two services on the same data, and a client of each. Disposing of it stops all. */
export interface TwoServices extends AsyncDisposable {
  readonly clients: readonly [Client, Client];
  /** Stops the first one. */
  stop(graceMs: number): Promise<void>;
}

/** Starts two services on SQLite, on sockets in a folder of their own. */
export async function startTwo(): Promise<TwoServices> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await makeTempDir());
  const sockets = [1, 2].map((number) => `unix://${join(folder.path, `${number}.sock`)}`);
  const [firstSocket = '', secondSocket = ''] = sockets;
  const first = opened.use(await start(firstSocket, { data_dir: folder.path }));
  opened.use(await start(secondSocket, { data_dir: folder.path }));
  const clients = [opened.use(connectTo(firstSocket)), opened.use(connectTo(secondSocket))] as const;
  const owned = opened.move();
  return { clients, stop: (graceMs) => first.stop(graceMs), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
