import { randomUUID } from 'node:crypto';
import { acquireMongoDb, type MongoDb } from '@medley/tool-real-services/mongodb';
import { acquireS3, type S3 } from '@medley/tool-real-services/s3';
import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';

/** SQLite and a folder, or servers that speak MongoDB's protocol and S3's. */
export const PAIRS = ['embedded', 'real'] as const;
export type Pair = (typeof PAIRS)[number];

/** Where a Medley keeps its records and bytes: the configuration's two parts for that. */
export interface Stores extends AsyncDisposable {
  readonly config: { readonly metadata: object; readonly storage: object };
}

/** SQLite and a folder. */
export function embeddedStores(): Stores {
  return {
    config: { metadata: { kind: 'sqlite' }, storage: { kind: 'filesystem' } },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A database and a bucket of their own on servers that speak MongoDB's protocol and S3's. */
export async function acquireRealStores(): Promise<Stores | Unavailable> {
  await using stack = new AsyncDisposableStack();
  const mongodb = await acquireMongoDb();
  if (isUnavailable(mongodb)) return mongodb;
  stack.use(mongodb);
  const s3 = await acquireS3();
  if (isUnavailable(s3)) return s3;
  stack.use(s3);
  const owned = stack.move();
  return { ...storesOn(mongodb, s3), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A database and a bucket of their own on these servers, which their owner disposes of. */
export function storesOn(mongodb: MongoDb, s3: S3): Stores {
  const metadata = { kind: 'mongodb', uri: mongodb.uri, database: `medley_e2e_${randomUUID().slice(0, 8)}` };
  return { config: { metadata, storage: toStorage(s3) }, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function toStorage(s3: S3): object {
  return {
    kind: 's3',
    endpoint: s3.endpoint,
    bucket: `${s3.bucketPrefix}medley-e2e-${randomUUID()}`,
    region: s3.region,
    access_key: s3.accessKey,
    secret_key: s3.secretKey,
  };
}
