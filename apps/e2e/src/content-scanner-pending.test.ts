import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { eventually } from '@medley/testing/eventually';
import { EICAR } from '@medley/testing/fake-clamd';
import { assertBytes, assertError, assertJson } from './harness/expect.ts';
import { Mains } from './harness/mains.ts';
import { Site } from './harness/site.ts';
import { prepareClamAv } from './scanning/clamav.ts';

const AT_ONCE = { query: { timeout_ms: 0 } };

const clamAv = await prepareClamAv({ mode: 'pending' });
const site = await Site.open({ config: clamAv.config });
const mains = await Mains.start(site);
after(() => mains[Symbol.asyncDispose]());
await clamAv.start(site);
after(() => clamAv[Symbol.asyncDispose]());
const [user, other] = [site.user(), site.user()];

/** Lets clamd say nothing until it is told to. */
function holdVerdicts(): () => void {
  const gate = Promise.withResolvers<void>();
  clamAv.clamd.beforeVerdict = () => gate.promise;
  return () => {
    clamAv.clamd.beforeVerdict = async () => {};
    gate.resolve();
  };
}

describe('uploads that are answered before they are examined', () => {
  it('are nobody’s to have until nothing was found, and whoever waits has them then', async () => {
    const release = holdVerdicts();
    const uri = await user.upload('waits');
    const pending = await user.create();
    assertJson(await user.put(pending, 'waits, too'));
    for (const media of [uri, pending]) {
      for (const one of [user, other]) assertError(await one.download(media, AT_ONCE), 504, 'M_NOT_YET_UPLOADED');
      assertError(await other.thumbnail(media, { width: 32, height: 32, ...AT_ONCE.query }), 504, 'M_NOT_YET_UPLOADED');
    }
    const waiting = other.download(uri);
    release();
    assertBytes(await waiting, Buffer.from('waits'));
    assertBytes(await other.download(pending), Buffer.from('waits, too'));
  });

  it('are hidden for good if something was found, and so are copies', async () => {
    const bytes = `found ${EICAR}`;
    const uri = await user.upload(bytes);
    await eventually(async () => assertError(await other.download(uri, AT_ONCE), 404, 'M_NOT_FOUND'));
    assertError(await user.download(uri), 404, 'M_NOT_FOUND');
    assertError(await other.tryUpload(bytes), 403, 'M_FORBIDDEN');
  });

  it('wait on through the death of the gateway that took them, and are examined by the next', async () => {
    const release = holdVerdicts();
    const uri = await user.upload('survives');
    const bad = await user.upload(`survives, too ${EICAR}`);
    await mains.without('gateway', async () => release());
    for (const media of [uri, bad]) assert.notEqual((await other.download(media, AT_ONCE)).status, 200);
    await eventually(async () => assertBytes(await other.download(uri, AT_ONCE), Buffer.from('survives')), 30_000, 100);
    await eventually(async () => assertError(await other.download(bad, AT_ONCE), 404, 'M_NOT_FOUND'), 30_000, 100);
  });
});
