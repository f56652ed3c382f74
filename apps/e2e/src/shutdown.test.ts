import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import { RawConnection } from '@medley/testing/raw-http';
import { randomBody, repeatChunk } from './harness/bodies.ts';
import { assertBytes, assertError } from './harness/expect.ts';
import { downloadPath, uploadPath } from './harness/media-user.ts';
import { familyOf } from './harness/processes.ts';
import { requestHead } from './harness/request-head.ts';
import { Site } from './harness/site.ts';
import { startProgram, stopProgram, untilGone, type Form } from './harness/system.ts';

const GRACE_MS = 3000;
/** More than the buffers of both sides hold, so that it is under way when the signal comes. */
const LARGE_BYTES = 40 * 2 ** 20;
const CHUNK = randomBody(50_000);

const site = await Site.open({ config: { shutdown: { grace: `${GRACE_MS}ms` } } });
const user = site.user();
after(() => site[Symbol.asyncDispose]());

async function assertRefused(): Promise<void> {
  await assert.rejects(RawConnection.open(site.ports.http), { code: 'ECONNREFUSED' });
}

for (const form of ['services', 'one-process'] as const satisfies readonly Form[]) {
  it(`as ${form}: finishes what is under way, takes nothing new, and ends with 0`, { timeout: 60_000 }, async () => {
    using program = await startProgram(form, site);
    const bytes = randomBody(LARGE_BYTES);
    const uri = await user.upload(bytes);
    const pending = await user.create();

    using download = await RawConnection.open(site.ports.http);
    await download.write(requestHead(user, `GET ${downloadPath(uri)}`));
    const begun = await download.readSome(1000);
    download.pause();
    const stopping = Promise.withResolvers<void>();
    const upload = user.put(pending, repeatChunk(CHUNK, 10, (index) => (index === 5 ? stopping.promise : undefined)));
    await sleep(100);

    const family = await familyOf(program.pid);
    program.signal('SIGTERM');
    await eventually(assertRefused, 2000);
    download.resume();
    stopping.resolve();
    assert.equal((await upload).status, 200);
    const whole = Buffer.concat([begun, await download.readToEnd()]);
    assert.ok(whole.subarray(whole.indexOf('\r\n\r\n') + 4).equals(bytes), `${whole.byteLength} bytes came`);
    assert.equal(await program.exited, 0, program.tail());
    await untilGone(family);

    using next = await startProgram(form, site);
    assertBytes(await user.download(pending), Buffer.concat(Array<Buffer>(10).fill(CHUNK)));
    await stopProgram(next);
  });
}

it('cuts whoever takes longer than the grace, stores nothing of that, and ends with 0', { timeout: 60_000 }, async () => {
  using program = await startProgram('services', site);
  const [uri, pending] = [await user.upload(randomBody(LARGE_BYTES)), await user.create()];
  const before = await site.blobs.originals();
  using download = await RawConnection.open(site.ports.http);
  await download.write(requestHead(user, `GET ${downloadPath(uri)}`));
  await download.readSome(1000);
  download.pause();
  using upload = await RawConnection.open(site.ports.http);
  await upload.write(requestHead(user, `PUT ${uploadPath(pending)}`, 'Content-Length: 100000000'));
  await upload.write(CHUNK);
  using cleanup = new DisposableStack();
  cleanup.adopt(setInterval(() => void upload.write('x'), 100), clearInterval);

  const family = await familyOf(program.pid);
  const signalledAt = performance.now();
  program.signal('SIGTERM');
  const code = await program.exited;
  const tookMs = performance.now() - signalledAt;
  assert.equal(code, 0, program.tail());
  await untilGone(family);
  assert.ok(tookMs > GRACE_MS - 500 && tookMs < GRACE_MS + 4000, `took ${tookMs} ms`);

  using next = await startProgram('services', site);
  assert.deepEqual(await site.blobs.originals(), before);
  assertError(await user.download(pending, { query: { timeout_ms: 0 } }), 504, 'M_NOT_YET_UPLOADED');
  assert.equal((await user.put(pending, 'at last')).status, 200);
  await stopProgram(next);
});

it('as services: wakes and answers nobody wrongly when it stops while somebody waits for a pending upload', { timeout: 60_000 }, async () => {
  using program = await startProgram('services', site);
  const pending = await user.create();
  const waiting = user.download(pending, { query: { timeout_ms: 60_000 } }).then((answer) => answer.status, (error: unknown) => String(error));
  await sleep(200);
  const signalledAt = performance.now();
  assert.equal(await program.stop(), 0, program.tail());
  assert.ok(performance.now() - signalledAt < GRACE_MS + 4000);
  const outcome = await waiting;
  assert.ok(typeof outcome === 'string' || outcome >= 500, `got ${outcome}`);
});

it('leaves no service behind when whoever started them is killed', { timeout: 60_000 }, async () => {
  using program = await startProgram('services', site);
  const family = await familyOf(program.pid);
  program.signal('SIGKILL');
  assert.equal(await program.exited, null);
  await untilGone(family);
  await assertRefused();
});
