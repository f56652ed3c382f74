import { readFile } from 'node:fs/promises';

/** The compiled descriptors of every Medley proto file, as gRPC reflection serves them. */
export function readDescriptorSet(): Promise<Buffer> {
  return readFile(new URL('./descriptor-set.binpb', import.meta.url));
}
