import { createHash } from 'node:crypto';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { callS3, listMultipartUploads, listObjects, type S3Access } from '../harness/s3-listing.ts';
import type { Site } from '../harness/site.ts';

/** The folder or the bucket of a Medley, past its storage service. */
export interface BytesOnDisk {
  /** The names of everything that is there, unfinished uploads included. */
  names(): Promise<readonly string[]>;
  /** Puts other bytes in the place of an original. */
  damage(digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Takes an original away. */
  lose(digest: string): Promise<void>;
}

export function bytesOf(site: Site): BytesOnDisk {
  const { storage } = site.storesConfig;
  return 'bucket' in storage ? inBucket(storage as S3Access) : inFolder(join(site.dataFolder, 'blobs'));
}

/** Those of a store in this folder. */
export function inFolder(folder: string): BytesOnDisk {
  return {
    async names() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
      return names.filter((name) => !name.startsWith('owner/')); // says whose store it is
    },
    async damage(digest, bytes) {
      const path = join(folder, pathOf(digest));
      await writeFile(path, bytes);
      await utimes(path, 1, 1); // as nothing has been put there, it is as old as can be
    },
    lose: (digest) => rm(join(folder, pathOf(digest))),
  };
}

/** Those of a store in this bucket, under `prefix`; other stores may lie there, too. */
export function inBucket(access: S3Access, prefix = ''): BytesOnDisk {
  const isOurs = (name: string): boolean => /^(blobs|derived|staging)\//.test(name.startsWith(prefix) ? name.slice(prefix.length) : '');
  return {
    names: async () => [...(await listObjects(access)), ...(await listMultipartUploads(access))].filter(isOurs),
    async damage(digest, bytes) {
      await callS3(access, { method: 'PUT', name: `${prefix}${pathOf(digest)}`, body: bytes });
    },
    async lose(digest) {
      await callS3(access, { method: 'DELETE', name: `${prefix}${pathOf(digest)}` });
    },
  };
}

function pathOf(digest: string): string {
  return `blobs/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
