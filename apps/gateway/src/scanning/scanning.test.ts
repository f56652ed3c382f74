import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MediaError, isReason } from '@medley/domain/media-error';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { MediaState } from '@medley/proto/metadata/media';
import { VerdictState } from '@medley/proto/metadata/verdicts';
import { eventually } from '@medley/testing/eventually';
import { ScannerFailure } from './scanner-failure.ts';
import { CLEAN, REJECTED, saying, startScene } from './scanner.fixture.ts';

const URI = parseMxcParts('remote.example', 'media');
const isRejected = (error: unknown): boolean => isReason(error, 'CONTENT_REJECTED');
const isUnavailable = (error: unknown): boolean => isReason(error, 'SERVICE_UNAVAILABLE');

describe('scanning before an upload is recorded', () => {
  it('shows the scanner the file and lets pass what is clean; the same bytes it is not shown again', async () => {
    await using scene = await startScene();
    const stored = scene.put('x'.repeat(200_000), { uploadName: 'a.txt' });
    const { store: _, ...subject } = stored;
    assert.equal(await scene.scanning.admitUpload(stored, true), false);
    assert.equal(await scene.scanning.admitUpload(stored, true), false);
    assert.equal(scene.scanner.calls.length, 1);
    const [{ largestChunk, ...call } = assert.fail()] = scene.scanner.calls;
    assert.deepEqual(call, { subject, bytes: 200_000, total: 200_000 });
    assert.ok(largestChunk <= 65_536);
    assert.equal(scene.metadata.judged.get(subject.digest)?.state, VerdictState.CLEAN);
    assert.equal(scene.metadata.judged.get(subject.digest)?.scanner, 'fake 1');
  });

  it('refuses what is rejected, with words that say nothing of it, and then without a scan', async () => {
    await using scene = await startScene({}, saying(REJECTED));
    const subject = scene.put('bad');
    for (let round = 0; round < 2; round += 1) {
      await assert.rejects(scene.scanning.admitUpload(subject, true), (error: Error) => isRejected(error) && !error.message.includes('Eicar'));
    }
    assert.equal(scene.scanner.calls.length, 1);
    assert.equal(scene.metadata.judged.get(subject.digest)?.finding, 'Eicar');
    assert.deepEqual(scene.metadata.quarantines, [], 'no record has these bytes');
  });

  it('quarantines what is there already, before anything else is known of it', async () => {
    await using scene = await startScene({}, saying(REJECTED));
    const subject = scene.put('bad');
    scene.metadata.records.push({
      key: { origin: 'a.example', mediaId: 'old' }, state: MediaState.AVAILABLE, userId: '', createdAtMs: 0, lost: false, remote: false, protected: false,
      content: { digest: subject.digest, sizeBytes: 3, contentType: '', frozen: true, store: '' },
    });
    await assert.rejects(scene.scanning.admitUpload(subject, true), isRejected);
    assert.deepEqual(scene.metadata.quarantines, [{ keys: [], digests: [subject.digest], quarantined: true, by: 'content-scanner', reason: 'Eicar' }]);
    assert.deepEqual(scene.metadata.acts, ['quarantine', `put ${VerdictState.REJECTED}`]);
  });

  it('asks again when the scanner has other signatures', async () => {
    await using scene = await startScene();
    const subject = scene.put('seen');
    await scene.metadata.putVerdict({ verdict: { digest: subject.digest, state: VerdictState.REJECTED, finding: 'false alarm', scanner: 'fake 0', atMs: 0 } });
    assert.equal(await scene.scanning.admitUpload(subject, true), false);
    assert.equal(scene.metadata.judged.get(subject.digest)?.scanner, 'fake 1');
  });

  it('scans bytes once for all who upload them at once', async () => {
    const gate = Promise.withResolvers<void>();
    await using scene = await startScene({}, async () => {
      await gate.promise;
      return CLEAN;
    });
    const subject = scene.put('same');
    const uploads = Array.from({ length: 5 }, () => scene.scanning.admitUpload(subject, true));
    await eventually(() => assert.equal(scene.scanner.calls.length, 1));
    gate.resolve();
    assert.deepEqual(await Promise.all(uploads), [false, false, false, false, false]);
    assert.equal(scene.scanner.calls.length, 1);
  });

  it('asks nobody for whom a policy says so, nor where uploads are not scanned, nor for files that are too large', async () => {
    await using scene = await startScene({ max_bytes: 4, on_large: 'pass' }, saying(REJECTED));
    assert.equal(await scene.scanning.admitUpload(scene.put('bad'), false), false);
    assert.equal(await scene.scanning.admitUpload(scene.put('large'), true), false);
    await using other = await startScene({ uploads: false }, saying(REJECTED));
    assert.equal(await other.scanning.admitUpload(other.put('bad'), true), false);
    await using strict = await startScene({ max_bytes: 4 });
    await assert.rejects(strict.scanning.admitUpload(strict.put('large'), true), isRejected);
    assert.deepEqual([...scene.scanner.calls, ...other.scanner.calls, ...strict.scanner.calls], []);
  });
});

describe('a scanner that can’t be asked', () => {
  it('lets nothing pass when closed', async () => {
    await using scene = await startScene();
    await scene.scanner.stop();
    await assert.rejects(scene.scanning.admitUpload(scene.put('any'), true), isUnavailable);
    assert.deepEqual([...scene.metadata.judged, ...scene.metadata.pending], []);
  });

  it('lets all pass when open, to be examined later, but nothing that was rejected before', async () => {
    await using scene = await startScene({ on_failure: 'open' });
    await scene.scanner.stop();
    const [subject, bad] = [scene.put('any'), scene.put('bad')];
    await scene.metadata.putVerdict({ verdict: { digest: bad.digest, state: VerdictState.REJECTED, finding: '', scanner: 'fake 0', atMs: 0 } });
    assert.equal(await scene.scanning.admitUpload(subject, true), false);
    await assert.rejects(scene.scanning.admitUpload(bad, true), isRejected);
    assert.deepEqual([...scene.metadata.pending.keys()], [subject.digest]);
  });

  it('is not waited for by every upload: after a few it rests, and is asked again later', async () => {
    await using scene = await startScene({ on_failure: 'open', timeout: '200ms' });
    let asked = 0;
    scene.scanner.describe = () => {
      asked += 1;
      return new Promise<void>(() => {});
    };
    for (let upload = 0; upload < 20; upload += 1) await scene.scanning.admitUpload(scene.put(`file ${upload}`), true);
    assert.ok(asked <= 4, `asked ${asked} times`);
    assert.equal(scene.scanning.scanner.isWell, false);
    assert.ok(scene.scanning.scanner.restMs > 0);
  });

  it('that hangs, breaks off, or talks too much is a failure; one that answers early is believed', async () => {
    const misbehaviours = [
      () => new Promise<never>(() => {}),
      async () => Promise.reject(new MediaError('INTERNAL', 'crashed')),
      async () => ({ isClean: false, finding: 'x'.repeat(5 * 2 ** 20) }),
    ];
    for (const scan of misbehaviours) {
      await using scene = await startScene({ timeout: '300ms' }, scan);
      await assert.rejects(scene.scanning.admitUpload(scene.put('x'.repeat(500_000)), true), isUnavailable);
      assert.deepEqual(scene.metadata.judged.size, 0);
    }
    await using scene = await startScene({}, async () => REJECTED);
    await assert.rejects(scene.scanning.admitUpload(scene.put('x'.repeat(5_000_000)), true), isRejected);
  });

  it('with a finding that is long, or no plain text, has it kept short and plain', async () => {
    await using scene = await startScene({}, saying({ isClean: false, finding: `Eicar\n\u0000${'x'.repeat(10_000)}` }));
    const subject = scene.put('bad');
    await assert.rejects(scene.scanning.admitUpload(subject, true), isRejected);
    const finding = scene.metadata.judged.get(subject.digest)?.finding ?? '';
    assert.equal(finding.length, 500);
    assert.ok(finding.startsWith('Eicar xxx'));
  });

  it('is not blamed for bytes that can’t be read', async () => {
    await using scene = await startScene({ on_failure: 'open' });
    scene.read = async function* broken() {
      yield Buffer.alloc(100_000);
      throw new MediaError('BLOB_CORRUPT', 'damaged');
    } as unknown as typeof scene.read; // a generator is what reading answers with
    await assert.rejects(scene.scanning.admitUpload(scene.put('x'), true), (error) => isReason(error, 'BLOB_CORRUPT'));
    assert.equal(scene.scanning.scanner.isWell, true);
    assert.deepEqual(scene.metadata.pending.size, 0);
  });

  it('that reads slowly is not sent more than it takes', async () => {
    const gate = Promise.withResolvers<void>();
    await using scene = await startScene({}, async (parts) => {
      await gate.promise;
      return saying(CLEAN)(parts, undefined as never);
    });
    let given = 0;
    scene.read = async () => (async function* endless() {
      for (; given < 64 * 2 ** 20; given += 65_536) yield Buffer.alloc(65_536);
    })();
    const admitted = scene.scanning.admitUpload(scene.put('x'), true);
    await eventually(() => assert.ok(given > 2 ** 20));
    let before = -1;
    await eventually(() => {
      const isStill = before === given;
      before = given;
      assert.ok(isStill);
    }, 5000, 200);
    assert.ok(given < 16 * 2 ** 20, `${given} bytes were taken`);
    gate.resolve();
    assert.equal(await admitted, false);
  });

  it('takes so many files at once, lets so many wait, and fails the rest', async () => {
    const gate = Promise.withResolvers<void>();
    await using scene = await startScene({ max_concurrent: 1, max_queued: 1 }, async () => {
      await gate.promise;
      return CLEAN;
    });
    await scene.scanning.scanner.name(AbortSignal.timeout(5000));
    const working = scene.scanning.admitUpload(scene.put('one'), true);
    await eventually(() => assert.equal(scene.scanner.calls.length, 1));
    const rest = ['two', 'three'].map((text) => scene.scanning.admitUpload(scene.put(text), true));
    await assert.rejects(Promise.race(rest), isUnavailable);
    gate.resolve();
    assert.equal((await Promise.allSettled([working, ...rest])).filter(({ status }) => status === 'fulfilled').length, 2);
  });
});

describe('files that wait for their turn', () => {
  it('do so no longer than the scanner may take for one', async () => {
    await using scene = await startScene({ max_concurrent: 1, max_queued: 10, timeout: '400ms' }, () => new Promise<never>(() => {}));
    await scene.scanning.scanner.name(AbortSignal.timeout(5000));
    const uploads = Array.from({ length: 6 }, (_, number) => scene.scanning.admitUpload(scene.put(`file ${number}`), true));
    const troubles = (await Promise.allSettled(uploads)).map((upload) => upload.status === 'rejected' && upload.reason instanceof ScannerFailure && upload.reason.trouble);
    assert.deepEqual([troubles.at(0), ...troubles.slice(2)], ['away', 'busy', 'busy', 'busy', 'busy']);
  });
});

describe('scanning after an upload was recorded', () => {
  it('makes its record wait for the verdict, which comes when the scan was begun', async () => {
    await using scene = await startScene({ mode: 'pending' });
    const subject = scene.put('new');
    assert.equal(await scene.scanning.admitUpload(subject, true), true);
    assert.deepEqual([scene.scanner.calls.length, scene.metadata.pending.size], [0, 1]);
    scene.scanning.begin(subject);
    await eventually(() => assert.equal(scene.metadata.judged.get(subject.digest)?.state, VerdictState.CLEAN));
    assert.equal(scene.metadata.pending.size, 0);
    assert.equal(await scene.scanning.admitUpload(subject, true), false);
  });

  it('hides rejected bytes before it ends the wait, whether a record is known or not', async () => {
    await using scene = await startScene({ mode: 'pending' }, saying(REJECTED));
    const subject = scene.put('bad');
    await scene.scanning.admitUpload(subject, true);
    scene.scanning.begin(subject);
    await eventually(() => assert.equal(scene.metadata.judged.get(subject.digest)?.state, VerdictState.REJECTED));
    assert.deepEqual(scene.metadata.acts, [`put ${VerdictState.PENDING}`, 'quarantine', `put ${VerdictState.REJECTED}`]);
    await assert.rejects(scene.scanning.admitUpload(subject, true), isRejected);
  });

  it('waits for the verdict where the last one was bad, or was none', async () => {
    for (const state of [VerdictState.REJECTED, VerdictState.PASSED]) {
      await using scene = await startScene({ mode: 'pending' });
      const subject = scene.put('seen');
      await scene.metadata.putVerdict({ verdict: { digest: subject.digest, state, finding: '', scanner: 'fake 0', atMs: 0 } });
      assert.equal(await scene.scanning.admitUpload(subject, true), false);
      assert.equal(scene.scanner.calls.length, 1);
    }
  });

  it('ends the wait unexamined when open, and leaves the bytes to be examined; closed, they wait on', async () => {
    for (const on_failure of ['open', 'closed']) {
      await using scene = await startScene({ mode: 'pending', on_failure });
      const subject = scene.put('new');
      assert.equal(await scene.scanning.admitUpload(subject, true), true);
      await scene.scanner.stop();
      await assert.rejects(scene.scanning.examine(subject), isUnavailable);
      assert.equal(scene.metadata.judged.get(subject.digest)?.state, on_failure === 'open' ? VerdictState.PASSED : undefined);
      assert.deepEqual([...scene.metadata.pending.keys()], [subject.digest]);
    }
  });
});

describe('scanning what comes from elsewhere', () => {
  it('remembers media of another server that was rejected', async () => {
    await using scene = await startScene({ mode: 'pending' }, saying(REJECTED));
    scene.scanning.requireUnrejected(URI);
    await assert.rejects(scene.scanning.admitRemote(URI, scene.put('bad')), isRejected);
    assert.throws(() => scene.scanning.requireUnrejected(URI), isRejected);
    scene.scanning.requireUnrejected({ ...URI, origin: parseMxcParts('other.example', 'media').origin });
  });

  it('holds all of it back, but for what is too large to be examined and may pass', async () => {
    await using scene = await startScene({ max_bytes: 10, on_large: 'pass' });
    assert.deepEqual([scene.scanning.holdsRemote(10), scene.scanning.holdsRemote(11), scene.scanning.holdsRemote(undefined)], [true, false, true]);
    await using strict = await startScene({ max_bytes: 10 });
    assert.equal(strict.scanning.holdsRemote(11), true);
    await using off = await startScene({ remote: false }, saying(REJECTED));
    assert.equal(off.scanning.holdsRemote(1), false);
    await off.scanning.admitRemote(URI, off.put('bad'));
  });

  it('leaves images out of previews that are rejected, or can’t be examined', async () => {
    await using scene = await startScene({}, saying(REJECTED));
    assert.equal(await scene.scanning.isPreviewAllowed(scene.put('bad')), false);
    scene.scanner.scan = saying(CLEAN);
    assert.equal(await scene.scanning.isPreviewAllowed(scene.put('good')), true);
    await scene.scanner.stop();
    assert.equal(await scene.scanning.isPreviewAllowed(scene.put('any')), false);
    await using off = await startScene({ previews: false }, saying(REJECTED));
    assert.equal(await off.scanning.isPreviewAllowed(off.put('bad')), true);
  });
});
