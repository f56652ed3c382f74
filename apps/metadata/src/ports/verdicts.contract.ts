import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { parseDigest, type Digest } from '@medley/domain/digest';
import type { OpenStore, Replicas } from './metadata-store.contract.ts';
import { ownContent, ownUpload, reservationOf, someone, soon } from './samples.contract.ts';
import type { NewVerdict, Verdict } from './verdicts.ts';

/** What every store promises about the verdicts of content scanners. */
export function testVerdicts(replicas: Replicas, open: OpenStore): void {
  const put = (verdict: NewVerdict) => replicas.next().verdicts.put(verdict, soon());
  const get = (digest: Digest) => replicas.next().verdicts.get(digest, soon());
  const isToExamine = async (digest: Digest) => (await everything(replicas, 'pending')).some((verdict) => verdict.digest === digest);

  test('a verdict is kept as it was put, with its time, and of bytes that nobody has spoken of nothing is known', async () => {
    const now = 1_000_000_000;
    await using store = await open({ now: () => now });
    const verdict = clean({ finding: 'nothing ü' });
    assert.deepEqual(await store.verdicts.put(verdict, soon()), { ...verdict, at: now });
    for (const { verdicts } of replicas.all()) assert.deepEqual(await verdicts.get(verdict.digest, soon()), { ...verdict, at: now });
    assert.equal(await get(ownContent().digest), undefined);
  });

  test('a later verdict takes the place of the one before', async () => {
    const verdict = clean();
    await put(verdict);
    const rejected = { ...verdict, state: 'rejected', finding: 'Eicar', scanner: 'two' } as const;
    await put(rejected);
    assert.partialDeepStrictEqual(await get(verdict.digest), rejected);
    assert.equal((await everything(replicas, 'clean')).some(({ digest }) => digest === verdict.digest), false);
  });

  test('bytes are to be examined until a scanner has judged them', async () => {
    const verdict = clean();
    assert.partialDeepStrictEqual(await put({ ...verdict, state: 'pending' }), { digest: verdict.digest, state: 'pending' });
    assert.equal((await get(verdict.digest))?.state, 'pending');
    assert.equal(await isToExamine(verdict.digest), true);
    await put(verdict);
    assert.equal((await get(verdict.digest))?.state, 'clean');
    assert.equal(await isToExamine(verdict.digest), false);
  });

  test('what the same scanner has judged is not to be examined; what another one has, is, and its verdict holds meanwhile', async () => {
    for (const state of ['clean', 'rejected'] as const) {
      const verdict = clean({ state });
      await put(verdict);
      assert.equal((await put({ ...verdict, state: 'pending' })).state, state);
      assert.equal(await isToExamine(verdict.digest), false);
      assert.equal((await put({ ...verdict, state: 'pending', scanner: 'two' })).state, state);
      assert.equal(await isToExamine(verdict.digest), true);
      assert.equal((await get(verdict.digest))?.state, state);
    }
  });

  test('what passes unexamined stays to be examined, and a judgement is not lost by that', async () => {
    const passed = clean({ state: 'passed' });
    await put({ ...passed, state: 'pending' });
    assert.equal((await put(passed)).state, 'passed');
    assert.equal(await isToExamine(passed.digest), true);
    await put({ ...passed, state: 'rejected' });
    assert.equal((await put(passed)).state, 'rejected');
    assert.equal(await isToExamine(passed.digest), false);
  });

  test('bytes that are gone are not to be examined any more, and what was said of them stays', async () => {
    const verdict = clean();
    await put(verdict);
    await put({ ...verdict, state: 'pending', scanner: 'two' });
    await replicas.next().verdicts.withdraw(verdict.digest, soon());
    assert.equal(await isToExamine(verdict.digest), false);
    assert.equal((await get(verdict.digest))?.state, 'clean');
  });

  test('of several that speak at once one is kept, and nothing that was judged is left to be examined for good', async () => {
    const verdict = clean();
    const states = ['pending', 'clean', 'pending', 'clean', 'pending'] as const;
    await Promise.all(states.map((state) => put({ ...verdict, state })));
    assert.equal((await get(verdict.digest))?.state, 'clean');
    await put(verdict);
    assert.equal(await isToExamine(verdict.digest), false);
  });

  test('those that are judged are told from those that are not', async () => {
    const [judged, passed, pending] = [clean(), clean({ state: 'passed' }), clean({ state: 'pending' })];
    for (const verdict of [judged, passed, pending]) await put(verdict);
    const digests = [judged, passed, pending].map(({ digest }) => digest);
    assert.deepEqual(await replicas.next().verdicts.judged(digests, soon()), new Set([judged.digest, passed.digest]));
  });

  test('a list goes on behind a digest, a limited number at once', async () => {
    const own = Array.from({ length: 3 }, () => clean({ state: 'rejected' })).toSorted((first, second) => (first.digest < second.digest ? -1 : 1));
    for (const verdict of own) await put(verdict);
    const found = (await everything(replicas, 'rejected', 1)).map(({ digest }) => digest);
    assert.deepEqual(found, [...new Set(found)].toSorted());
    for (const { digest } of own) assert.ok(found.includes(digest));
  });

  test('media says whether it awaits a verdict, however it was uploaded', async () => {
    const content = { ...ownContent(), awaitsVerdict: true };
    const userId = someone();
    const media = await replicas.next().record({ ...ownUpload(content) }, soon());
    const { uri } = await replicas.next().reserve(reservationOf(userId), soon());
    const committed = await replicas.next().commit(uri, { userId, content }, soon());
    const other = await replicas.next().record(ownUpload(), soon());
    const records = await replicas.next().find([media.uri, committed.uri, other.uri], soon());
    assert.deepEqual(records, [media, committed, other]);
    assert.deepEqual(records.map((record) => record?.state === 'available' && record.content.awaitsVerdict), [true, true, undefined]);
  });
}

function clean(changes: Partial<NewVerdict> = {}): NewVerdict {
  return { digest: parseDigest(randomBytes(32).toString('hex')), state: 'clean', finding: '', scanner: 'one', ...changes };
}

async function everything(replicas: Replicas, state: Verdict['state'], limit = 100): Promise<Verdict[]> {
  const all: Verdict[] = [];
  for (let after = ''; ;) {
    const page = await replicas.next().verdicts.list({ state, limit, after }, soon());
    all.push(...page);
    assert.ok(page.length <= limit);
    if (page.length < limit) return all;
    after = page.at(-1)?.digest ?? after;
  }
}
