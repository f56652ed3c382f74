import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import { MediaState } from '@medley/proto/metadata/media';
import type { LocateBlobRequest } from '@medley/proto/storage';
import { eventually } from '@medley/testing/eventually';
import { startTestGateway, type TestGateway } from './gateway.fixture.ts';

const BODY = Buffer.from('a small body');
/** Too large to be kept. */
const LARGE_BYTES = 1_000_000;
const LARGE_DIGEST = 'ab'.repeat(32);
const DIGEST = createHash('sha256').update(BODY).digest('hex');
/** What is promised, and what nothing here should take by far. */
const BITES_WITHIN_MS = 2000;
const MAX_STALE_MS = 1500;

/** Awaited before storage says where a blob is. */
let beforeLocated: () => Promise<void> = async () => {};
const storage = {
  async locateBlob({ key }: LocateBlobRequest) {
    await beforeLocated();
    return key?.digest === LARGE_DIGEST
      ? { sizeBytes: LARGE_BYTES, location: { $case: 'path', value: '/dev/null' } }
      : { sizeBytes: BODY.byteLength, location: { $case: 'inline', value: BODY } };
  },
};

async function assertStatus(gateway: TestGateway, mediaId: string, status: number): Promise<void> {
  const answer = await gateway.get(mediaId);
  const body = await answer.text();
  assert.equal(answer.status, status, body);
  if (status === 404) assert.equal(JSON.parse(body).errcode, 'M_NOT_FOUND');
}

describe('a gateway that follows changes', () => {
  let gateway: TestGateway;
  before(async () => void (gateway = await startTestGateway(storage)));
  after(() => gateway[Symbol.asyncDispose]());

  /** Adds media and has it answered until that needs no look-up. */
  async function addKept(mediaId: string): Promise<void> {
    const { metadata } = gateway;
    metadata.add(mediaId, DIGEST, BODY.byteLength);
    await eventually(async () => {
      const before = metadata.lookups;
      await assertStatus(gateway, mediaId, 200);
      assert.equal(metadata.lookups, before, 'it was looked up');
    });
  }

  for (const [what, act] of [
    ['quarantined by its name', (mediaId: string) => gateway.metadata.quarantine(mediaId, 'key')],
    ['quarantined by its bytes', (mediaId: string) => gateway.metadata.quarantine(mediaId, 'digest')],
    ['deleted', (mediaId: string) => gateway.metadata.delete(mediaId)],
  ] as const) {
    it(`answers 404 for media that was ${what}, though it was kept`, async () => {
      const mediaId = what.replaceAll(' ', '-');
      await addKept(mediaId);
      act(mediaId);
      await eventually(() => assertStatus(gateway, mediaId, 404), BITES_WITHIN_MS);
      for (const place of ['/_matrix/media/v3/download', '/_matrix/client/v1/media/thumbnail']) {
        const answer = await fetch(`${gateway.url}${place}/a.example/${mediaId}?width=10&height=10`, { headers: { authorization: 'Bearer fixture-token' } });
        assert.equal(answer.status, 404);
      }
    });
  }

  it('never answers what it has deleted itself, though it has heard nothing of that yet', async () => {
    await addKept('own');
    gateway.metadata.isMute = true;
    const url = `${gateway.url}/_matrix/media/unstable/download/a.example/own`;
    assert.equal((await fetch(url, { method: 'DELETE', headers: { authorization: 'Bearer fixture-token' } })).status, 200);
    await assertStatus(gateway, 'own', 404);
    gateway.metadata.isMute = false;
  });

  it('answers again what was released', async () => {
    await addKept('released');
    gateway.metadata.quarantine('released', 'key');
    await eventually(() => assertStatus(gateway, 'released', 404), BITES_WITHIN_MS);
    gateway.metadata.release('released');
    await eventually(() => assertStatus(gateway, 'released', 200), BITES_WITHIN_MS);
  });

  it('says of lost media that its bytes are lost', async () => {
    gateway.metadata.records.set('lost', { ...gateway.metadata.add('lost', DIGEST, BODY.byteLength), lost: true });
    const answer = await gateway.get('lost');
    assert.equal(answer.status, 404);
    assert.deepEqual(await answer.json(), { errcode: 'M_NOT_FOUND', error: 'The bytes of this media are lost' });
  });

  it('does not answer with a record that became old while it was on its way', async () => {
    const { metadata } = gateway;
    await addKept('before');
    metadata.add('racing', DIGEST, BODY.byteLength);
    const gate = Promise.withResolvers<void>();
    metadata.beforeAnswer = () => gate.promise;
    const before = metadata.lookups;
    // asks for nothing but the record
    const racing = gateway.get('racing', {}, 'HEAD');
    await eventually(() => assert.ok(metadata.lookups > before));
    metadata.quarantine('racing', 'key');
    // what happened has been heard of when it bites elsewhere
    metadata.quarantine('before', 'key');
    metadata.beforeAnswer = async () => {};
    await eventually(() => assertStatus(gateway, 'before', 404), BITES_WITHIN_MS);
    gate.resolve();
    assert.equal((await racing).status, 404);
  });

  it('does not answer with bytes that took so long to find that they are hidden now', async () => {
    const { metadata } = gateway;
    await addKept('other');
    metadata.add('slow', LARGE_DIGEST, LARGE_BYTES);
    const [gate, asked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    beforeLocated = () => {
      asked.resolve();
      return gate.promise;
    };
    const slow = assertStatus(gateway, 'slow', 404);
    await asked.promise;
    for (const mediaId of ['slow', 'other']) metadata.quarantine(mediaId, 'key');
    await eventually(() => assertStatus(gateway, 'other', 404), BITES_WITHIN_MS);
    gate.resolve();
    await slow;
    beforeLocated = async () => {};
  });
});

describe('a download that waits for its bytes', () => {
  it('is taken elsewhere when the replica where it waits stops', async () => {
    await using gateway = await startTestGateway(storage);
    const { metadata } = gateway;
    const record = metadata.add('pending', DIGEST, BODY.byteLength);
    metadata.records.set('pending', { ...record, state: MediaState.PENDING, content: undefined });
    let waits = 0;
    metadata.resolveMedia = async () => {
      waits += 1;
      if (waits === 1) throw new MediaError('SERVICE_UNAVAILABLE', 'The service is stopping');
      return { record };
    };
    await assertStatus(gateway, 'pending', 200);
    assert.equal(waits, 2);
  });
});

describe('a gateway that hears nothing', () => {
  it('answers what it holds for a while, then asks, and resumes where it stopped', { timeout: 30_000 }, async () => {
    await using gateway = await startTestGateway(storage, { cache: { max_stale: `${MAX_STALE_MS}ms` } });
    const { metadata } = gateway;
    for (const mediaId of ['kept', 'hidden']) metadata.add(mediaId, DIGEST, BODY.byteLength);
    metadata.quarantine('hidden', 'key');
    await eventually(async () => {
      const before = metadata.lookups;
      await assertStatus(gateway, 'kept', 200);
      await assertStatus(gateway, 'hidden', 404);
      assert.equal(metadata.lookups, before);
    });
    await gateway.stopMetadata();
    await assertStatus(gateway, 'kept', 200);
    await assertStatus(gateway, 'hidden', 404);
    await assertStatus(gateway, 'unknown', 503);
    await sleep(MAX_STALE_MS);
    await assertStatus(gateway, 'kept', 503);
    metadata.quarantine('kept', 'key');
    const streams = metadata.watches.length;
    await gateway.startMetadata();
    await eventually(() => assert.ok(metadata.watches.length > streams));
    assert.notEqual(metadata.watches.at(-1), undefined);
    await eventually(() => assertStatus(gateway, 'kept', 404));
  });

  it('keeps nothing before it knows the first position', async () => {
    await using gateway = await startTestGateway(storage);
    const { metadata } = gateway;
    metadata.isMute = true;
    metadata.add('kept', DIGEST, BODY.byteLength);
    await sleep(0);
    for (let round = 0; round < 3; round += 1) await assertStatus(gateway, 'kept', 200);
    assert.ok(metadata.lookups >= 3, `${metadata.lookups} look-ups`);
  });

  it('takes a stream that says nothing for lost, and opens another', { timeout: 30_000 }, async () => {
    await using gateway = await startTestGateway(storage);
    const { metadata } = gateway;
    await eventually(() => assert.ok(metadata.watches.length > 0));
    metadata.isMute = true;
    const before = metadata.watches.length;
    await eventually(() => assert.ok(metadata.watches.length > before), 8000);
  });
});
