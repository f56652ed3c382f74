import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeRemote, refuse, type RemoteScript } from '@medley/testing/fake-remote';
import { KEYS_PATH, makeSigningKey, RemoteKeys } from '@medley/testing/fake-remote-keys';
import { assertError } from '../harness/expect.ts';
import { call, type Answer } from '../harness/http-call.ts';
import { ask, servedDownload, type ServingScene } from './serving-scene.ts';
import { readServed } from './serving.ts';

/** Who is believed to be another server: whoever signs with the keys that are found where its name leads. */
export function identifiesServers(scene: ServingScene): void {
  describe('a server that asks', () => {
    isBelieved(scene);
    isNotBelieved(scene);
  });
}

async function assertUnauthorized(answer: Promise<Answer>): Promise<void> {
  const { errcode, error, ...more } = assertError(await answer, 401, 'M_UNAUTHORIZED');
  assert.deepEqual(more, {}, `${errcode}: ${error}`);
}

function isBelieved(scene: ServingScene): void {
  it('has its keys fetched once', async () => {
    await using remote = await FakeRemote.start();
    const uri = servedDownload(await scene.user.upload('x'));
    for (const answer of await Promise.all(Array.from({ length: 5 }, () => ask(scene, uri, { remote })))) readServed(answer);
    readServed(await ask(scene, uri, { remote }));
    assert.deepEqual(remote.requests.map((request) => request.uri), [KEYS_PATH]);
  });

  it('is believed by one of several signatures', async () => {
    const uri = servedDownload(await scene.user.upload('x'));
    const { site, remote } = scene;
    const others = new RemoteKeys(remote.serverName, makeSigningKey('other'));
    const authorization = [others, remote.keys].map((keys) => keys.authorize({ uri, destination: site.serverName }));
    const headers = { authorization: authorization as unknown as string }; // a list is sent as several headers
    readServed(await call({ port: site.ports.http, agent: site.agent }, uri, { headers }));
  });

  it('has its target read as it was sent', async () => {
    const uri = servedDownload(await scene.user.upload('x'), '?b=+%20%c3%a4&timeout_ms=0&a');
    const { site, remote } = scene;
    readServed(await ask(scene, uri));
    const authorization = remote.keys.authorize({ uri: uri.replace('+', '%20'), destination: site.serverName });
    await assertUnauthorized(call({ port: site.ports.http, agent: site.agent }, uri, { headers: { authorization } }));
  });
}

function isNotBelieved(scene: ServingScene): void {
  const documents: Readonly<Record<string, (remote: FakeRemote) => RemoteScript>> = {
    'have expired': ({ keys }) => says(keys.document(Date.now() - 1)),
    'are of another server': () => says(new RemoteKeys('127.0.0.1:9999').document()),
    'are others': ({ serverName }) => new RemoteKeys(serverName).publish,
    'are signed by nobody': ({ keys }) => says({ ...keys.document(), signatures: {} }),
    'are not there': () => refuse(404, 'M_UNRECOGNIZED'),
    'are no JSON': () => (_request, response) => response.end('<html>'),
    'do not come': () => () => {},
  };
  for (const [what, script] of Object.entries(documents)) {
    it(`is not believed if the keys that are found ${what}`, async () => {
      await using remote = await FakeRemote.start();
      remote.scripts.set(KEYS_PATH, script(remote));
      const uri = servedDownload(await scene.user.upload('x'));
      for (let round = 0; round < 2; round += 1) await assertUnauthorized(ask(scene, uri, { remote }));
      assert.ok(remote.requests.length === 1, 'it is asked once, and then left alone for a while');
    });
  }

  it('is not believed if it can’t be reached', async () => {
    const remote = await FakeRemote.start();
    await remote[Symbol.asyncDispose]();
    await assertUnauthorized(ask(scene, servedDownload(await scene.user.upload('x')), { remote: { keys: new RemoteKeys('127.0.0.1:1') } }));
    await assertUnauthorized(ask(scene, servedDownload(await scene.user.upload('x')), { remote }));
  });

  it('cannot have itself asked without end, whichever keys it names', async () => {
    await using remote = await FakeRemote.start();
    const uri = servedDownload(await scene.user.upload('x'));
    readServed(await ask(scene, uri, { remote }));
    for (let index = 0; index < 20; index += 1) {
      await assertUnauthorized(ask(scene, uri, { remote: { keys: new RemoteKeys(remote.serverName, makeSigningKey(`unknown${index}`)) } }));
    }
    assert.equal(remote.requests.length, 1);
    readServed(await ask(scene, uri, { remote }));
  });
}

function says(document: object): RemoteScript {
  return (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
}
