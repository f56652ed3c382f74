import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { randomBody } from '../harness/bodies.ts';
import { assertBytes, assertError } from '../harness/expect.ts';
import type { System } from '../harness/system.ts';
import { bytesOf, digestOf } from './bytes-on-disk.ts';
import { reportOf, startMedley, type Report } from './medley-command.ts';
import { deleteMedia, putBlob } from './stores.ts';

const OK = 0;
const DAMAGE = 3;

function kindsOf(report: Report): readonly (readonly [string, string, boolean])[] {
  return report.findings.map(({ kind, digest, repaired }) => [kind, digest, repaired] as const).toSorted();
}

/** What `medley scrub` does, on the stores of a running system with MAINTENANCE_CONFIG. */
export function scrubCases({ site }: System): void {
  const user = site.user();
  const disk = bytesOf(site);

  it('finds nothing wrong where nothing is, and reads everything', async () => {
    for (let count = 0; count < 5; count += 1) await user.upload(randomBody(1000 + count));
    const report = await reportOf(site, ['scrub']);
    assert.deepEqual([report.ok, report.findings, report.orphans], [true, [], 0]);
    assert.ok(report.verified >= 5 && report.checked === report.verified);
  });

  it('finds records without bytes; repairs by marking them, so that they are answered as not found, and takes that back when the bytes come again', async () => {
    const bytes = randomBody(1500);
    const digest = digestOf(bytes);
    const [uri, copy] = [await user.upload(bytes), await user.upload(bytes)];
    await disk.lose(digest);
    const found = await reportOf(site, ['scrub'], { code: DAMAGE });
    assert.deepEqual(found.findings, [{ kind: 'dangling', digest, media_count: 2, repaired: false }]);
    for (const args of [['scrub', '--repair', '--dry-run'], ['scrub']]) assert.deepEqual(kindsOf(await reportOf(site, args, { code: DAMAGE })), [['dangling', digest, false]]);

    assert.deepEqual(kindsOf(await reportOf(site, ['scrub', '--repair'])), [['dangling', digest, true]]);
    await eventually(async () => assertError(await user.download(uri), 404, 'M_NOT_FOUND'));
    const known = await reportOf(site, ['scrub']);
    assert.deepEqual([known.findings, known.known_lost], [[], 1]);

    const again = await user.upload(bytes);
    await eventually(async () => assertBytes(await user.download(uri), bytes));
    assert.deepEqual(kindsOf(await reportOf(site, ['scrub'])), []);
    await deleteMedia(site, uri, copy, again);
  });

  it('finds media marked as lost whose bytes have come back by themselves, and repairs that', async () => {
    const bytes = randomBody(800);
    const digest = digestOf(bytes);
    const uri = await user.upload(bytes);
    await disk.lose(digest);
    await reportOf(site, ['scrub', '--repair']);
    await putBlob(site, bytes);
    assert.deepEqual(kindsOf(await reportOf(site, ['scrub'], { code: DAMAGE })), [['wrongly-lost', digest, false]]);
    assert.deepEqual(kindsOf(await reportOf(site, ['scrub', '--repair'])), [['wrongly-lost', digest, true]]);
    await eventually(async () => assertBytes(await user.download(uri), bytes));
  });

  it('finds bytes that are not what they were, and those of a wrong size; marks their media and keeps them', async () => {
    const [flipped, cut] = [randomBody(4000), randomBody(4000)];
    const [flippedUri, cutUri] = [await user.upload(flipped), await user.upload(cut)];
    const damaged = Buffer.from(flipped);
    damaged[2000] = (damaged[2000] ?? 0) ^ 1;
    await disk.damage(digestOf(flipped), damaged);
    await disk.damage(digestOf(cut), Buffer.from(cut.subarray(0, 3999)));
    const expected = [['corrupt', digestOf(flipped), true], ['wrong-size', digestOf(cut), true]].toSorted();
    assert.deepEqual(kindsOf(await reportOf(site, ['scrub'], { code: DAMAGE })), expected.map(([kind, digest]) => [kind, digest, false]));
    const before = await disk.names();
    assert.deepEqual(kindsOf(await reportOf(site, ['scrub', '--repair'])), expected);
    assert.deepEqual((await disk.names()).toSorted(), before.toSorted());
    for (const uri of [flippedUri, cutUri]) await eventually(async () => assertError(await user.download(uri), 404, 'M_NOT_FOUND'));
    await deleteMedia(site, flippedUri, cutUri);
    await reportOf(site, ['sweep', '--wait']);
  });

  it('finds bytes that no record names once they are old enough, and leaves them to the sweep', async () => {
    const orphan = randomBody(600);
    await putBlob(site, orphan);
    const young = await reportOf(site, ['scrub'], { env: { MEDLEY_MAINTENANCE__ORPHAN_GRACE: '1h' } });
    const old = await reportOf(site, ['scrub', '--repair']);
    assert.deepEqual([young.orphans, old.orphans, old.findings], [0, 1, []]);
    assert.ok((await disk.names()).some((name) => name.endsWith(digestOf(orphan))));
    await reportOf(site, ['sweep', '--wait']);
    assert.equal((await reportOf(site, ['scrub'])).orphans, 0);
  });

  it('finds derived blobs whose source is gone, and removes them on demand', async () => {
    const source = digestOf(randomBody(20));
    await putBlob(site, randomBody(30), { digest: source, derivation: 'scale-64x64' });
    const found = await reportOf(site, ['scrub']); // costs space, harms nobody
    assert.deepEqual(found.findings, [{ kind: 'derived-without-source', digest: source, derivation: 'scale-64x64', media_count: 0, repaired: false }]);
    assert.deepEqual(kindsOf(await reportOf(site, ['scrub', '--repair'])), [['derived-without-source', source, true]]);
    assert.ok(!(await disk.names()).some((name) => name.includes(source)));
    assert.deepEqual((await reportOf(site, ['scrub'])).findings, []);
  });

  it('begins behind a digest', async () => {
    const whole = await reportOf(site, ['scrub']);
    const rest = await reportOf(site, ['scrub', '--after', '8'.padEnd(64, '0')]);
    assert.ok(rest.checked < whole.checked && rest.verified < whole.verified);
  });

  it('goes on where it was interrupted, and tells of both parts', async () => {
    await using folder = await makeTempDir();
    const place = join(folder.path, 'scrub.json');
    const [lost, bodies] = [randomBody(100), Array.from({ length: 30 }, () => randomBody(400_000))];
    for (const body of [lost, ...bodies]) await user.upload(body);
    await disk.lose(digestOf(lost));
    const args = ['scrub', '--json', '--progress', '--concurrency', '1', '--resume', place];
    const running = startMedley(site, args);
    running.child.stderr?.once('data', () => running.child.kill('SIGINT'));
    const interrupted = await running.ended;
    assert.equal(interrupted.code, 1, interrupted.stdout);
    const { after, report } = JSON.parse(await readFile(place, 'utf8')) as { after: string; report: { checked: number } };
    assert.match(after, /^[0-9a-f]{64}$/);
    const whole = await reportOf(site, ['scrub'], { code: DAMAGE });
    assert.ok(report.checked > 0 && report.checked < whole.checked, `${report.checked} of ${whole.checked} were done`);
    const resumed = await reportOf(site, ['scrub', '--resume', place], { code: DAMAGE });
    assert.deepEqual([resumed.checked, resumed.verified, kindsOf(resumed)], [whole.checked, whole.verified, kindsOf(whole)]);
    assert.equal(existsSync(place), false);
    await reportOf(site, ['scrub', '--repair'], { code: OK });
  });

  it('raises no false alarm beside uploads, deletions and sweeps', async () => {
    let isOver = false;
    const load = (async () => {
      while (!isOver) {
        const bytes = randomBody(3000);
        const [one, other] = await Promise.all([user.upload(bytes), user.upload(bytes)]);
        await deleteMedia(site, one, other);
      }
    })();
    const sweeps = (async () => {
      while (!isOver) await reportOf(site, ['sweep'], { env: { MEDLEY_MAINTENANCE__ORPHAN_GRACE: '1s', MEDLEY_MAINTENANCE__STAGING_GRACE: '1m' } });
    })();
    try {
      for (let round = 0; round < 4; round += 1) assert.deepEqual((await reportOf(site, ['scrub'])).findings, []);
    } finally {
      isOver = true;
      await Promise.allSettled([load, sweeps]);
    }
    await Promise.all([load, sweeps]);
    for (let round = 0; round < 2; round += 1) await reportOf(site, ['sweep']);
  });
}
