import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { ADMIN, byId } from '../endpoints/admin/admin-calls.ts';
import { assertBytes, assertError, assertJson } from '../harness/expect.ts';
import { readContentUri } from '../harness/media-user.ts';
import { ask, SECOND, servedDownload, servedThumbnail, type ServingScene } from './serving-scene.ts';
import { readServed } from './serving.ts';

/** What other servers do not get of us. */
export function servesNothingElse(scene: ServingScene): void {
  describe('another server', () => {
    findsNothing(scene);
    getsMediaOfWhomItNames(scene);
  });
}

async function assertNothing(scene: ServingScene, uri: MxcUri, destination = scene.site.serverName): Promise<void> {
  for (const target of [servedDownload(uri), servedThumbnail(uri, 'width=32&height=32')]) {
    assertError(await ask(scene, target, { destination }), 404, 'M_NOT_FOUND');
  }
}

function findsNothing(scene: ServingScene): void {
  const { site, user, admin } = scene;

  it('finds nothing where nothing was', async () => assertNothing(scene, parseMxcParts(site.serverName, 'unknown')));

  it('finds nothing that is quarantined, until that has ended', async () => {
    const uri = await user.upload('to be hidden');
    readServed(await ask(scene, servedDownload(uri)));
    assertJson(await admin.call(`${ADMIN}${byId(uri, 'quarantine/')}`, { method: 'POST', body: '{}' }));
    await eventually(() => assertNothing(scene, uri));
    assertJson(await admin.call(`${ADMIN}${byId(uri, 'unquarantine/')}`, { method: 'POST', body: '{}' }));
    await eventually(async () => readServed(await ask(scene, servedDownload(uri))));
  });

  it('finds nothing that was deleted', async () => {
    const uri = await user.upload('to be deleted');
    readServed(await ask(scene, servedDownload(uri)));
    assertJson(await admin.call(`${ADMIN}${byId(uri)}`, { method: 'DELETE' }));
    await eventually(() => assertNothing(scene, uri));
  });

  it('learns nothing of any of that if it does not sign', async () => {
    const uri = await user.upload('secret');
    const answers = await Promise.all([uri, parseMxcParts(site.serverName, 'unknown')].map((one) => user.call(servedDownload(one))));
    for (const answer of answers) assert.deepEqual(assertError(answer, 401, 'M_UNAUTHORIZED'), JSON.parse(String(answers[0]?.body)));
  });

  it('is told what it got wrong', async () => {
    const uri = await user.upload('x');
    assertError(await ask(scene, servedDownload(uri, '?timeout_ms=x')), 400, 'M_INVALID_PARAM');
    assertError(await ask(scene, `${servedDownload(uri)}%2E`), 400, 'M_INVALID_PARAM');
    assertError(await ask(scene, `${servedDownload(uri)}/name`), 404, 'M_UNRECOGNIZED');
    assertError(await ask(scene, servedDownload(uri), { method: 'POST' }), 405, 'M_UNRECOGNIZED');
  });
}

function getsMediaOfWhomItNames(scene: ServingScene): void {
  const { site, user, remote } = scene;

  it('never gets media of a third one, although it is kept here (N53)', async () => {
    const bytes = Buffer.from('of a third one');
    remote.media.set('third', { bytes });
    const uri = parseMxcParts(remote.serverName, 'third');
    assertBytes(await user.download(uri), bytes);
    await assertNothing(scene, uri);
    assertError(await ask(scene, servedDownload(uri), { destination: remote.serverName }), 401, 'M_UNAUTHORIZED');
  });

  it('gets media of the tenant that it names, whatever the Host is, and of no other', async () => {
    const other = site.user(SECOND.account);
    const uri = readContentUri(await other.call('/_matrix/media/v3/upload', { method: 'POST', body: 'of the second', headers: { host: SECOND.host } }));
    assert.equal(uri.origin, SECOND.serverName);
    for (const host of [`127.0.0.1:${site.ports.http}`, SECOND.host, 'elsewhere.example']) {
      const answer = await ask(scene, servedDownload(uri), { destination: SECOND.serverName, headers: { host } });
      assert.equal(readServed(answer).bytes.toString(), 'of the second');
    }
    await assertNothing(scene, uri);
    await assertNothing(scene, await user.upload('of the first'), SECOND.serverName);
  });
}
