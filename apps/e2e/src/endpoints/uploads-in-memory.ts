import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repeatChunk } from '../harness/bodies.ts';
import { CAN_LOOK_INTO_PROCESSES, readPeakMemory, resetPeakMemory } from '../harness/processes.ts';
import { MAX_UPLOAD_BYTES } from '../harness/setup.ts';
import type { System } from '../harness/system.ts';

const ALLOWED_GROWTH_BYTES = 64 * 2 ** 20;
const CHUNK = Buffer.alloc(2 ** 20, 'memory');

/** Large uploads go through; they are never held. */
export function describeUploadsInMemory({ site, program }: System): void {
  describe('a large upload', { skip: CAN_LOOK_INTO_PROCESSES ? false : 'reads /proc' }, () => {
    for (const type of ['application/octet-stream', 'multipart/form-data; boundary=x']) {
      it(`of ${type} makes no process grow by much`, async (t) => {
        const user = site.user();
        await user.upload(repeatChunk(CHUNK, 24));
        const pids = (['gateway', 'metadata', 'storage'] as const).map((service) => program.pidsOf(service).at(-1) ?? 0);
        const before = await Promise.all(pids.map(resetPeakMemory));
        await user.upload(repeatChunk(CHUNK, MAX_UPLOAD_BYTES / CHUNK.byteLength), { type });
        const grown = (await Promise.all(pids.map(readPeakMemory))).map((peak, index) => peak - (before[index] ?? 0));
        const told = `gateway, metadata, storage grew by ${grown.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')} MiB`;
        t.diagnostic(told);
        assert.ok(Math.max(...grown) < ALLOWED_GROWTH_BYTES, told);
      });
    }
  });
}
