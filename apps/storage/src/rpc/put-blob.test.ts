import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { PutBlobRequest } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { chunk, header, startTestStorage, trailer, upload, type TestStorage } from '../app.fixture.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

for (const transport of ['tcp', 'unix'] as const) {
  describe(`PutBlob over ${transport}`, () => {
    let storage: TestStorage;
    before(async () => {
      storage = await startTestStorage(transport);
    });
    after(() => storage[Symbol.asyncDispose]());

    const staged = () => readdir(join(storage.folder, 'staging'));
    const assertNothingOf = async (bytes: Uint8Array): Promise<void> => {
      await eventually(async () => assert.deepEqual(await staged(), []));
      await assert.rejects(storage.rpc.statBlob({ key: { digest: sha256(bytes), derivation: '', store: '' } }), { reason: 'NOT_FOUND' });
    };

    for (const size of [0, 10, 3_000_000]) {
      test(`stores ${size} bytes that a trailer confirms`, async () => {
        const bytes = randomBytes(size);
        const { blob } = await storage.rpc.putBlob(upload(bytes, size));
        assert.deepEqual(blob, { digest: sha256(bytes), sizeBytes: size });
        assert.deepEqual(await storage.rpc.statBlob({ key: { digest: sha256(bytes), derivation: '', store: '' } }), { sizeBytes: size });
      });
    }

    test('stores a derived blob under the key of the header', async () => {
      const key = { digest: 'ab'.repeat(32), derivation: 'thumb-1', store: '' };
      await storage.rpc.putBlob(upload(randomBytes(77), 100, key));
      assert.deepEqual(await storage.rpc.statBlob({ key }), { sizeBytes: 77 });
    });

    for (const [name, end] of [
      ['no trailer', []],
      ['a trailer of fewer bytes', [trailer(999)]],
      ['a trailer of more bytes', [trailer(1001)]],
      ['another header', [header(10_000), trailer(1000)]],
      ['an empty part', [{ part: undefined }, trailer(1000)]],
    ] as const) {
      test(`stores nothing of a stream that ends with ${name}`, async () => {
        const bytes = randomBytes(1000);
        async function* parts(): AsyncGenerator<PutBlobRequest> {
          yield* [header(10_000), chunk(bytes), ...end];
        }
        await assert.rejects(storage.rpc.putBlob(parts()), { reason: 'UPLOAD_INCOMPLETE' });
        await assertNothingOf(bytes);
      });
    }

    test('stores nothing when the source of its client throws', async () => {
      const bytes = randomBytes(1000);
      async function* parts(): AsyncGenerator<PutBlobRequest> {
        yield* [header(10_000), chunk(bytes)];
        await eventually(async () => assert.equal((await staged()).length, 1));
        throw new Error('the source broke');
      }
      await assert.rejects(storage.rpc.putBlob(parts()));
      await assertNothingOf(bytes);
    });

    test('stores nothing when its client aborts', async () => {
      const bytes = randomBytes(1000);
      const abort = new AbortController();
      async function* parts(): AsyncGenerator<PutBlobRequest> {
        yield* [header(10_000), chunk(bytes)];
        await eventually(async () => assert.equal((await staged()).length, 1));
        abort.abort();
        await new Promise(() => {});
      }
      await assert.rejects(storage.rpc.putBlob(parts(), { signal: abort.signal }));
      await assertNothingOf(bytes);
    });

    test('stores nothing when the time of its client runs out', async () => {
      const bytes = randomBytes(1000);
      async function* parts(): AsyncGenerator<PutBlobRequest> {
        yield* [header(10_000), chunk(bytes)];
        await new Promise(() => {});
      }
      await assert.rejects(storage.rpc.putBlob(parts(), { timeoutMs: 300 }), { reason: 'TIMED_OUT' });
      await assertNothingOf(bytes);
    });

    test('refuses more than max_bytes', async () => {
      const bytes = randomBytes(1001);
      await assert.rejects(storage.rpc.putBlob(upload(bytes, 1000)), { reason: 'TOO_LARGE' });
      await assertNothingOf(bytes);
    });

    test('says so, too, to a client that goes on sending', async () => {
      const bytes = randomBytes(20_000_000);
      await assert.rejects(storage.rpc.putBlob(upload(bytes, 1000)), { reason: 'TOO_LARGE' });
      await assertNothingOf(bytes);
    });

    for (const [name, reason, first] of [
      ['no header', 'INVALID_PARAM', chunk(randomBytes(10))],
      ['a negative limit', 'INVALID_PARAM', header(-1)],
      ['a derived key without a derivation', 'INVALID_PARAM', header(10, { digest: 'ab'.repeat(32), derivation: '', store: '' })],
      ['a derived key that is a path', 'INVALID_PARAM', header(10, { digest: 'ab'.repeat(32), derivation: '../../x', store: '' })],
      ['a digest that is a path', 'INVALID_PARAM', header(10, { digest: `../${'a'.repeat(61)}`, derivation: 'x', store: '' })],
    ] as const) {
      test(`refuses a stream with ${name}`, async () => {
        async function* parts(): AsyncGenerator<PutBlobRequest> {
          yield* [first, trailer(0)];
        }
        await assert.rejects(storage.rpc.putBlob(parts()), { reason });
      });
    }
  });
}
