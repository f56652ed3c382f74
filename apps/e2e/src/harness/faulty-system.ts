import { TcpProxy } from '@medley/testing/tcp-proxy';
import { startMongoDb, type OwnMongoDb } from '@medley/tool-real-services/mongodb';
import { startS3, type OwnS3 } from '@medley/tool-real-services/s3';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { storesOn } from './stores.ts';
import { startSystem, type System } from './system.ts';

/** The services over servers of their own, and the ways to these, which may be disturbed. */
export interface FaultySystem extends AsyncDisposable {
  readonly system: System;
  readonly database: TcpProxy;
  readonly objects: TcpProxy;
  /** What is behind the ways. */
  readonly servers: { readonly database: OwnMongoDb; readonly objects: OwnS3 };
}

/** Starts servers, proxies and services, and waits until all are ready. */
export async function startFaultySystem(): Promise<FaultySystem | Unavailable> {
  await using stack = new AsyncDisposableStack();
  const mongodb = await startMongoDb();
  if (isUnavailable(mongodb)) return mongodb;
  stack.use(mongodb);
  const s3 = await startS3();
  if (isUnavailable(s3)) return s3;
  stack.use(s3);
  const database = stack.use(await TcpProxy.start(mongodb.port));
  const objects = stack.use(await TcpProxy.start(s3.port));
  const stores = storesOn(
    { ...mongodb, uri: `mongodb://127.0.0.1:${database.port}/` },
    { ...s3, endpoint: `http://127.0.0.1:${objects.port}` },
  );
  const system = stack.use(await startSystem('services', { stores }));
  const owned = stack.move();
  return { system, database, objects, servers: { database: mongodb, objects: s3 }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
