import { randomUUID } from 'node:crypto';
import type { S3 } from '@medley/tool-real-services/s3';
import type { Client } from 'minio';
import { createMinioClient } from './minio-client.ts';
import type { S3Options } from './s3-blob-store.ts';

/** The smallest that S3 takes. */
export const PART_BYTES = 5 * 2 ** 20;

/** The options of a store in a bucket that nobody has, and a client to look into it. */
export function newBucket({ endpoint, region, accessKey, secretKey, bucketPrefix }: S3): S3Options & { readonly client: Client } {
  const server = { endpoint, region, accessKey, secretKey };
  const bucket = `${bucketPrefix}medley-${randomUUID().slice(0, 13)}`;
  return { ...server, bucket, prefix: '', partBytes: PART_BYTES, uploadMemoryBytes: 16 * PART_BYTES, uploadWaitMs: 10_000, client: createMinioClient(server) };
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
