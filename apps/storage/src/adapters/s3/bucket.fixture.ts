import { randomUUID } from 'node:crypto';
import type { S3 } from '@medley/tool-real-services/s3';
import type { Logger } from '@medley/telemetry/logger';
import type { Client } from 'minio';
import type { BlobVerifier } from '../../blob-verifier.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { createMinioClient } from './minio-client.ts';
import { openS3BlobStore, type S3Place } from './s3-blob-store.ts';
import { S3Connection, type S3Options } from './s3-connection.ts';

/** The smallest that S3 takes. */
export const PART_BYTES = 5 * 2 ** 20;

/** The options of a store in a bucket that nobody has, and a client to look into it. */
export function newBucket({ endpoint, region, accessKey, secretKey, bucketPrefix }: S3): S3Options & S3Place & { readonly client: Client } {
  const server = { endpoint, region, accessKey, secretKey };
  const bucket = `${bucketPrefix}medley-${randomUUID().slice(0, 13)}`;
  return { ...server, bucket, prefix: '', partBytes: PART_BYTES, uploadMemoryBytes: 16 * PART_BYTES, uploadWaitMs: 10_000, client: createMinioClient(server) };
}

/** A store with a connection of its own, which ends with it. */
export function openStoreAlone(options: S3Options & S3Place, log: Logger, verifier: BlobVerifier): BlobStore {
  const connection = new S3Connection(options);
  const store = openS3BlobStore(connection, options, log, verifier);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    async [Symbol.asyncDispose]() {
      await close();
      await connection[Symbol.asyncDispose]();
    },
  });
}

/** The names of everything that unfinished uploads left. */
export async function leftoversIn(client: Client, bucket: string): Promise<string[]> {
  // Without a prefix: MinIO lists unfinished uploads only for an exact name, or for the whole bucket.
  const { uploads } = await client.listIncompleteUploadsQuery(bucket, '', '', '', '');
  const staged = (await namesIn(client, bucket)).filter((name) => name.startsWith('staging/'));
  return [...uploads.map(({ key }) => key), ...staged];
}

/** The names of all objects. */
export async function namesIn(client: Client, bucket: string): Promise<string[]> {
  const found = await Array.fromAsync(client.listObjectsV2(bucket, '', true));
  return found.map(({ name }) => String(name));
}

export async function removeBucket(client: Client, bucket: string): Promise<void> {
  await client.removeObjects(bucket, await namesIn(client, bucket));
  await client.removeBucket(bucket);
}
