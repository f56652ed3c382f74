import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { repeatChunk } from '../harness/bodies.ts';
import { MAX_UPLOAD_BYTES } from '../harness/setup.ts';
import type { System } from '../harness/system.ts';

const ALLOWED_GROWTH_BYTES = 64 * 2 ** 20;
const CHUNK = Buffer.alloc(2 ** 20, 'memory');

/** Large uploads go through; they are never held. Linux only, since it reads /proc. */
export function describeUploadsInMemory({ site, program }: System): void {
  describe('a large upload', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
    for (const type of ['application/octet-stream', 'multipart/form-data; boundary=x']) {
      it(`of ${type} makes no process grow by much`, async () => {
        const user = site.user();
        await user.upload(repeatChunk(CHUNK, 8));
        const pids = (['gateway', 'metadata', 'storage'] as const).map((service) => program.pidsOf(service).at(-1) ?? 0);
        const before = await Promise.all(pids.map(resetPeak));
        await user.upload(repeatChunk(CHUNK, MAX_UPLOAD_BYTES / CHUNK.byteLength), { type });
        const grown = (await Promise.all(pids.map(peakBytes))).map((peak, index) => peak - (before[index] ?? 0));
        grown.forEach((bytes) => assert.ok(bytes < ALLOWED_GROWTH_BYTES, `gateway, metadata, storage grew by ${grown.join(', ')} bytes`));
      });
    }
  });
}

/** Forgets the highest resident memory so far; answers with the present one, in bytes. */
async function resetPeak(pid: number): Promise<number> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  return peakBytes(pid);
}

async function peakBytes(pid: number): Promise<number> {
  const [, kib = ''] = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}
