import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerName } from '@medley/domain/server-name';
import { signJson } from '@medley/matrix/sign-json';
import { parseSigningKeys } from '@medley/matrix/signing-key';
import { isSignedBy } from '@medley/matrix/verify-json';
import { parseXMatrixHeaders, requestObject } from '@medley/matrix/x-matrix';
import { httpAnswer, type WebScript } from '@medley/safe-fetch/web-server.fixture';
import { requestSigner } from '../signing/sign-request.ts';
import { BELOW, Federation, NAME, RULES } from '../testing/federation.fixture.ts';
import { diagnoseServer } from '../rpc/diagnose-server.ts';
import { diagnose, type Diagnosis, type DiagnosisOptions } from './diagnose.ts';

const US = 'us.example.org';
const SIGNING_KEY = `ed25519 1 ${Buffer.alloc(32, 1).toString('base64')}`;
const [KEY] = parseSigningKeys(SIGNING_KEY);
const [THEIRS] = parseSigningKeys(`ed25519 theirs ${Buffer.alloc(32, 2).toString('base64')}`);

/** By path and the rest of the URI: a script of WebServer is chosen by the whole URI, of which the media id is made up. */
interface Answers {
  readonly signed?: WebScript;
  readonly legacy?: WebScript;
}

function refusal(status: string, errcode: string): Buffer {
  return httpAnswer(status, { 'content-type': 'application/json' }, JSON.stringify({ errcode, error: 'so it is' }));
}

/** A server with keys and a version, that answers requests for media like this. */
function serve({ matrix }: Federation, { signed = refusal('404 Not Found', 'M_NOT_FOUND'), legacy = signed }: Answers = {}): void {
  const verify_keys = { [THEIRS.keyId]: { key: Buffer.from(THEIRS.publicKey).toString('base64') } };
  const keys = { server_name: NAME, valid_until_ts: Date.now() + 3_600_000, verify_keys };
  matrix.set('/_matrix/key/v2/server', httpAnswer('200 OK', {}, JSON.stringify(signJson(keys, NAME, THEIRS))));
  matrix.set('/_matrix/federation/v1/version', httpAnswer('200 OK', {}, JSON.stringify({ server: { name: 'Scripted', version: '1\u001b[2J.0' } })));
  matrix.set('*', (request, socket) => {
    const script = request.path.startsWith('/_matrix/federation/v1/media/download/') ? signed : legacy;
    if (typeof script === 'function') script(request, socket);
    else socket.write(script);
  });
}

function options({ fetch }: Federation, signing_key: string | undefined = SIGNING_KEY): DiagnosisOptions {
  return { fetch, federation: RULES, ownNames: [US], sign: requestSigner([{ server_name: US, signing_key }]) };
}

function check(federation: Federation, name = NAME, with_ = options(federation)): Promise<Diagnosis> {
  return diagnose(with_, parseServerName(name), US, new AbortController().signal);
}

/** The steps as kind and outcome, and what the last of a kind says. */
function kinds({ steps }: Diagnosis): readonly string[] {
  return steps.map(({ kind, ok }) => `${ok ? '' : '!'}${kind}`);
}

function detail({ steps }: Diagnosis, kind: string): string {
  return steps.findLast((step) => step.kind === kind)?.detail ?? '';
}

test('takes every step to a server that works, and tells what each came to', async () => {
  await using federation = await Federation.start();
  serve(federation);
  federation.delegate(BELOW);
  const found = await check(federation);
  assert.deepEqual(kinds(found), ['well_known', 'srv', 'srv', 'addresses', 'connect', 'tls', 'version', 'keys', 'request']);
  assert.equal(found.ok, true);
  assert.equal(detail(found, 'well_known'), `${NAME} delegates to ${BELOW}`);
  assert.equal(detail(found, 'srv'), `_matrix._tcp.${BELOW}: none`);
  assert.equal(detail(found, 'addresses'), `${BELOW} port 8448 by step 3.5: 127.77.0.1`);
  assert.match(detail(found, 'tls'), /^for d\.site\.example\.com: TLSv1\.3, certificate for DNS:site\.example\.com.*issued by Medley test authority of the web, valid until 2126/);
  assert.equal(detail(found, 'version'), 'Scripted 1 [2J.0');
  assert.match(detail(found, 'keys'), /^ed25519:theirs until 20/);
  assert.match(detail(found, 'request'), /it says so \(404 .*M_NOT_FOUND/);
});

test('signs its request as the server can check', async () => {
  await using federation = await Federation.start();
  serve(federation);
  await check(federation);
  const { path, headers, method } = federation.matrix.requests.find((request) => request.path.includes('/media/download/')) ?? assert.fail('nothing was asked for');
  const [{ origin, destination = '', keyId, signature }] = parseXMatrixHeaders([headers.get('authorization') ?? '']);
  assert.deepEqual([method, origin, destination, keyId], ['GET', US, NAME, 'ed25519:1']);
  assert.equal(isSignedBy(requestObject({ method: 'GET', uri: path, origin, destination }), signature, KEY.publicKey), true);
});

test('asks anew each time', async () => {
  await using federation = await Federation.start();
  serve(federation);
  const both = options(federation);
  await check(federation, NAME, both);
  await check(federation, NAME, both);
  assert.equal(federation.wellKnowns, 2);
});

test('says that a server does not take our signature', async () => {
  await using federation = await Federation.start();
  serve(federation, { signed: refusal('401 Unauthorized', 'M_UNAUTHORIZED') });
  const found = await check(federation);
  assert.deepEqual([found.ok, kinds(found).at(-1)], [false, '!request']);
  assert.match(detail(found, 'request'), /^signed request .*it does not take our signature \(401 .*so it is/);
});

test('tries the older request where a server does not know the newer', async () => {
  await using federation = await Federation.start();
  serve(federation, { signed: refusal('404 Not Found', 'M_UNRECOGNIZED'), legacy: refusal('404 Not Found', 'M_NOT_FOUND') });
  const found = await check(federation);
  assert.deepEqual([found.ok, kinds(found).slice(-2)], [true, ['!request', 'request']]);
  const older = federation.matrix.requests.at(-1);
  assert.match(older?.path ?? '', /^\/_matrix\/media\/v3\/download\/site\.example\.com\/medley-check-[0-9a-f]+\?allow_remote=false&timeout_ms=0$/);
  assert.equal(older?.headers.has('authorization'), false);
});

const STRANGE: Readonly<Record<string, WebScript>> = {
  'that knows neither request': refusal('404 Not Found', 'M_UNRECOGNIZED'),
  'that is a web site': httpAnswer('404 Not Found', {}, '<html>not here</html>'),
  'that fails': httpAnswer('500 Oops'),
  'that has what is not there': httpAnswer('200 OK', {}, 'x'.repeat(100_000)),
  'that hangs': () => {},
  'that closes the connection': (_request, socket) => void socket.destroy(),
};

for (const [what, signed] of Object.entries(STRANGE)) {
  test(`does not call a server well ${what}`, async () => {
    await using federation = await Federation.start();
    serve(federation, { signed });
    const found = await check(federation);
    assert.deepEqual([found.ok, kinds(found).at(-1)], [false, '!request']);
    assert.notEqual(detail(found, 'request'), '');
  });
}

test('tells which step ends the way: no addresses, no connection, another certificate', async () => {
  await using federation = await Federation.start();
  serve(federation);
  const { dns } = federation.world;
  assert.deepEqual(kinds(await check(federation, 'nobody.example.com:8448')).slice(0, 2), ['!addresses', '!version']);
  dns.set('closed.example.com', ['127.77.0.9']);
  assert.deepEqual(kinds(await check(federation, 'closed.example.com:8448')).slice(0, 3), ['addresses', '!connect', '!version']);
  dns.set('other.example.com', ['127.77.0.1']);
  const other = await check(federation, 'other.example.com:8448');
  assert.deepEqual([kinds(other), other.ok], [['addresses', 'connect', '!tls', '!version', '!keys', '!request'], false]);
  assert.match(detail(other, 'tls'), /^for other\.example\.com: the certificate is for DNS:site\.example\.com/);
  const inside = await check(federation, '127.0.0.1:8448');
  assert.match(detail(inside, 'addresses'), /127\.0\.0\.1: /);
  assert.equal(federation.world.trap.connections, 0);
});

test('says what is wrong with the keys, and that media can be had all the same', async () => {
  await using federation = await Federation.start();
  serve(federation);
  federation.matrix.set('/_matrix/key/v2/server', httpAnswer('200 OK', {}, '{"server_name":"other.example.com"}'));
  const found = await check(federation);
  assert.deepEqual([found.ok, kinds(found).includes('!keys'), detail(found, 'keys')], [true, true, 'they are keys of another server']);
});

test('names a delegation that is broken', async () => {
  await using federation = await Federation.start();
  serve(federation);
  federation.delegate({ script: httpAnswer('200 OK', {}, '<html>') });
  const found = await check(federation);
  assert.deepEqual([found.ok, kinds(found)[0], detail(found, 'well_known')], [true, '!well_known', '/.well-known/matrix/server: it is no JSON with a text m.server']);
});

test('says that a server is excluded, that it is ours, or that we have no key', async () => {
  await using federation = await Federation.start();
  serve(federation);
  const excluded = { ...options(federation), federation: { enabled: true, denied_servers: [NAME] } };
  assert.deepEqual(kinds(await check(federation, NAME, excluded)), ['!name']);
  assert.deepEqual((await check(federation, US)).steps.map((step) => step.detail), [`Federation denied with ${US}.`]);
  const keyless = await check(federation, NAME, { ...options(federation), sign: requestSigner([{ server_name: US }]) });
  assert.deepEqual([keyless.ok, detail(keyless, 'request')], [false, `${US} has no signing_key`]);
});

test('DiagnoseServer is asked in one of our names, for a server name', async () => {
  await using federation = await Federation.start();
  const call = diagnoseServer(options(federation)) as (request: { serverName: string; requester: string }, context: { signal: AbortSignal }) => Promise<unknown>;
  const signal = new AbortController().signal;
  await assert.rejects(call({ serverName: NAME, requester: 'other.example.org' }, { signal }), { reason: 'INVALID_PARAM' });
  await assert.rejects(call({ serverName: 'a/b', requester: US }, { signal }), { reason: 'INVALID_PARAM' });
});
