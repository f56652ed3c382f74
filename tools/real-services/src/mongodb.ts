import { connect } from 'node:net';
import { type InstallOptions, ensureInstalled } from './install.ts';
import { type LocalServer, openLocalServer } from './local-server.ts';
import { FERRETDB } from './pins.ts';
import { type Unavailable, isUnavailable } from './unavailable.ts';

/** A database server that speaks MongoDB's protocol and is shared with others: name your databases uniquely. */
export interface MongoDb extends AsyncDisposable {
  readonly kind: 'env' | 'ferretdb';
  readonly uri: string;
}

/** A server of one's own, which may be stopped and started again under the same URI. */
export interface OwnMongoDb extends LocalServer, MongoDb {
  readonly kind: 'ferretdb';
}

/**
 * Answers with the server that `MEDLEY_TEST_MONGODB_URI` names, else with a new one as `startMongoDb` does.
 * Disposing of a named server leaves it alone.
 */
export async function acquireMongoDb(options?: Partial<InstallOptions>): Promise<MongoDb | OwnMongoDb | Unavailable> {
  const uri = (options?.env ?? process.env)['MEDLEY_TEST_MONGODB_URI'];
  if (uri === undefined || uri === '') return startMongoDb(options);
  return { kind: 'env', uri, [Symbol.asyncDispose]: async () => {} };
}

/**
 * Starts a FerretDB with a SQLite backend for the caller alone, whatever the environment names: for tests that stop it.
 * It has no transactions, no TTL and no partial indexes.
 */
export async function startMongoDb(options?: Partial<InstallOptions>): Promise<OwnMongoDb | Unavailable> {
  const env = options?.env ?? process.env;
  const installed = await ensureInstalled(FERRETDB, { ...options, env });
  if (isUnavailable(installed)) return { unavailable: `no MongoDB to test with: ${installed.unavailable}` };
  const server = await openLocalServer({
    name: FERRETDB.name,
    command: installed.program,
    args: (dataFolder, port) => [`127.0.0.1:${port}`, dataFolder],
    env: { PATH: env['PATH'] },
    isReady: accepts,
  });
  return { ...server, kind: 'ferretdb', uri: `mongodb://127.0.0.1:${server.port}/` };
}

async function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
  const accepted = await promise;
  socket.destroy();
  return accepted;
}
