import type { ServiceName } from './system.ts';

const MIB = 2 ** 20;
/**
 * What a process may grow by whatever it does: the young generation of V8's heap, what it collects only now and then,
 * code compiled for a path that was not used before.
 */
const BASE_BYTES = 96 * MIB;
/**
 * What one transfer may hold: two batches or chunks of at most 512 KiB of which one is filled while the other is on its
 * way, what sockets of both sides have taken over, and as much again until it is collected.
 */
const TRANSFER_BYTES = 2 * MIB;

/** What bounds memory in the configuration. */
export interface MemoryConfig {
  readonly service: ServiceName;
  /** Uploads and downloads under way at once. */
  readonly transfers: number;
  /** `storage.upload_memory` where blobs are in S3; 0 where they are in a folder. */
  readonly uploadMemoryBytes: number;
}

/**
 * By how much the resident memory of a process may grow at most, in bytes, however large the bodies are:
 *
 *     gateway            base + transfers × transfer
 *     storage            base + transfers × transfer + upload_memory
 *     metadata, thumbnail, url-preview, federation-fetch   base
 */
export function memoryBound({ service, transfers, uploadMemoryBytes }: MemoryConfig): number {
  switch (service) {
    case 'gateway':
      return BASE_BYTES + transfers * TRANSFER_BYTES;
    case 'storage':
      return BASE_BYTES + transfers * TRANSFER_BYTES + uploadMemoryBytes;
    case 'metadata':
    case 'thumbnail':
    case 'url-preview':
    case 'federation-fetch':
      return BASE_BYTES;
  }
}
