import { join } from 'node:path';
import { after, before } from 'node:test';
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

/** The clients of two services, for the tests of one suite. */
export interface UsedServices {
  readonly here: Client['rpc'];
  readonly there: Client['rpc'];
  /** The one whose calls are `here`. */
  readonly client: Client;
}

/** Starts two services before the tests of a suite and stops them after; to be called within `describe`, and used only by tests. */
export function useTwo(): UsedServices {
  let services: TwoServices;
  before(async () => void (services = await startTwo()));
  after(() => services[Symbol.asyncDispose]());
  return {
    get here() {
      return services.clients[0].rpc;
    },
    get there() {
      return services.clients[1].rpc;
    },
    get client() {
      return services.clients[0];
    },
  };
}
