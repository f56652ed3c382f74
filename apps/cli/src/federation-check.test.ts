import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FakeRemote } from '@medley/testing/fake-remote';
import { REMOTE_AUTHORITY } from '@medley/testing/fake-remote-certificates';
import { makeSite, run } from './command.fixture.ts';

const SIGNING_KEY = `ed25519 a_1 ${Buffer.alloc(32, 1).toString('base64')}`;

interface Report {
  readonly ok: boolean;
  readonly command: string;
  readonly steps: readonly { readonly at_ms: number; readonly kind: string; readonly ok: boolean; readonly detail: string }[];
}

describe('medley federation check', () => {
  const opened = new AsyncDisposableStack();
  let remote: FakeRemote;
  let config: string;
  before(async () => {
    remote = opened.use(await FakeRemote.start({ host: '127.77.0.1' }));
    const site = opened.use(await makeSite({
      homeservers: [{ server_name: 'example.org', signing_key: SIGNING_KEY }, { server_name: 'second.example', signing_key: SIGNING_KEY }],
      federation: { ca: REMOTE_AUTHORITY, allowed_networks: ['127.77.0.0/16'] },
    }));
    config = site.configPath;
  });
  after(() => opened.disposeAsync());

  it('tells each step in a line, and what it comes to', async () => {
    const { code, stdout, stderr } = await run(['-c', config, 'federation', 'check', remote.serverName]);
    assert.equal(code, 0, stderr);
    for (const line of [/ok +addresses +127\.77\.0\.1 port \d+ by step 1: 127\.77\.0\.1$/m, /ok +tls +for 127\.77\.0\.1: TLSv1\.3, certificate for /, /FAIL +version +it answers 404$/m, /ok +keys +ed25519:\w+ until /, /ok +request +signed request/]) assert.match(stdout, line);
    assert.match(stdout, /can be fetched\.\n$/);
    const { headers } = remote.requests.find(({ uri }) => uri.startsWith('/_matrix/federation/v1/media/download/')) ?? assert.fail('nothing was asked for');
    assert.match(headers.authorization ?? '', /^X-Matrix origin="example\.org",destination="127\.77\.0\.1:\d+",key="ed25519:a_1",sig="/);
  });

  it('asks in the name it is told', async () => {
    await run(['-c', config, 'federation', 'check', remote.serverName, '--as', 'second.example']);
    assert.match(remote.requests.at(-1)?.headers.authorization ?? '', /^X-Matrix origin="second\.example"/);
  });

  it('says where the way ends, with exit code 1, also as JSON', async () => {
    await using other = await FakeRemote.start({ host: '127.77.0.1', hasRightCertificate: false });
    const { code, stdout } = await run(['-c', config, '--json', 'federation', 'check', other.serverName]);
    const { ok, command, steps } = JSON.parse(stdout) as Report;
    assert.deepEqual([code, ok, command], [1, false, 'federation check']);
    assert.deepEqual(steps.map(({ kind, ok: isGood }) => `${isGood ? '' : '!'}${kind}`), ['addresses', 'connect', '!tls', '!version', '!keys', '!request']);
    assert.match(steps[2]?.detail ?? '', /DNS:elsewhere\.example\.org/);
    assert.deepEqual(other.requests, []);
  });

  it('refuses a name that is none of ours, and one that is no server name', async () => {
    const foreign = await run(['-c', config, 'federation', 'check', remote.serverName, '--as', 'other.example']);
    assert.deepEqual([foreign.code, /requester is none of/.test(foreign.stderr)], [1, true]);
    const bad = await run(['-c', config, 'federation', 'check', 'no/name']);
    assert.deepEqual([bad.code, /Not a valid server name/.test(bad.stderr)], [1, true]);
  });
});
