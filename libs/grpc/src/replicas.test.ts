import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { MediaError } from '@medley/domain/media-error';
import { ThumbnailMethod, ThumbnailServiceDefinition, type GetThumbnailRequest } from '@medley/proto/thumbnail';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { TRUSTED } from './certificates.fixture.ts';
import { Replicas, type ReplicasOptions } from './replicas.ts';
import { serveGrpc, type GrpcServer } from './server.ts';

const REQUEST: GetThumbnailRequest = { sourceDigest: '', store: '', spec: { width: 1, height: 1, method: ThumbnailMethod.CROP, animated: false } };
const KEYS = Array.from({ length: 40 }, (_, index) => `key ${index}`);
const never = new AbortController().signal;

async function neverCalled(): Promise<never> {
  throw new Error('no test calls this');
}

/** A server that answers with where it is. */
function serve(listen: string, tls?: typeof TRUSTED): Promise<GrpcServer> {
  const getThumbnail = async () => ({ contentType: '', sizeBytes: 0, version: listen, body: undefined });
  const implementation = { getThumbnail, prepareThumbnails: neverCalled, getImageInfo: neverCalled };
  return serveGrpc({ service: ThumbnailServiceDefinition, implementation, listen, tls, ...quietTelemetry() });
}

type ThumbnailReplicas = Replicas<typeof ThumbnailServiceDefinition>;

function connect(options: ReplicasOptions): ThumbnailReplicas & Disposable {
  const replicas = new Replicas(ThumbnailServiceDefinition, { timeoutMs: 5000, ...options });
  return Object.assign(replicas, { [Symbol.dispose]: () => replicas.close() });
}

function ask(replicas: ThumbnailReplicas, key: string, signal = never): Promise<string> {
  return replicas.use(key, async (rpc) => (await rpc.getThumbnail(REQUEST)).version, signal);
}

async function askAll(replicas: ThumbnailReplicas): Promise<readonly string[]> {
  return Promise.all(KEYS.map((key) => ask(replicas, key)));
}

/** The same port on several addresses of this machine, as the replicas of a name have it. */
async function serveAt(hosts: readonly string[]): Promise<{ readonly port: string; readonly servers: readonly GrpcServer[] } & AsyncDisposable> {
  const [first = '', ...others] = hosts;
  const one = await serve(`${first}:0`);
  const port = one.address.split(':').at(-1) ?? '';
  const servers = [one, ...(await Promise.all(others.map((host) => serve(`${host}:${port}`))))];
  return { port, servers, [Symbol.asyncDispose]: async () => void (await Promise.all(servers.map((server) => server.stop(0)))) };
}

const HOSTS = ['127.0.0.1', '127.78.0.2', '127.78.0.3'];
const three = await serveAt(HOSTS);
after(() => three[Symbol.asyncDispose]());
const addresses = HOSTS.map((host) => `${host}:${three.port}`);

describe('a list of replicas', () => {
  it('has each key asked at one of them, whoever asks and however he lists them', async () => {
    using one = connect({ address: `ipv4:${addresses.join(',')}` });
    using other = connect({ address: `ipv4:${addresses.toReversed().join(',')}` });
    const answers = await askAll(one);
    assert.deepEqual(await askAll(other), answers);
    assert.deepEqual(await askAll(one), answers);
    assert.equal(new Set(answers).size, 3, 'all take part');
  });

  it('has only the keys of a lost one moved, spread over the others', async () => {
    await using mortal = await serveAt(['127.78.1.1', '127.78.1.2', '127.78.1.3']);
    const all = ['127.78.1.1', '127.78.1.2', '127.78.1.3'].map((host) => `${host}:${mortal.port}`);
    using replicas = connect({ address: `ipv4:${all.join(',')}` });
    const before = await askAll(replicas);
    await mortal.servers[1]?.stop(0);
    const after = await askAll(replicas);
    const lost = before[before.findIndex((version) => version.startsWith('127.78.1.2'))];
    before.forEach((version, index) => assert.equal(version === lost, version !== after[index], `${version} → ${after[index]}`));
    assert.equal(new Set(after).size, 2);
  });

  it('fails with SERVICE_UNAVAILABLE when all are lost, and with all else at once', async () => {
    using nobody = connect({ address: 'ipv4:127.78.0.9:9,127.78.0.10:9' });
    await assert.rejects(ask(nobody, 'key'), { reason: 'SERVICE_UNAVAILABLE' });
    using replicas = connect({ address: `ipv4:${addresses.join(',')}` });
    let tries = 0;
    const refuse = async (): Promise<never> => {
      tries += 1;
      throw new MediaError('NOT_FOUND', 'No such media');
    };
    await assert.rejects(replicas.use('key', refuse, never), { reason: 'NOT_FOUND' });
    assert.equal(tries, 1);
  });

  it('leaves off with the signal’s reason', async () => {
    using nobody = connect({ address: 'ipv4:127.78.0.9:9' });
    const leaving = new AbortController();
    const asked = ask(nobody, 'key', leaving.signal);
    leaving.abort(new Error('left'));
    await assert.rejects(asked, { message: 'left' });
  });
});

describe('a name of replicas', () => {
  function named(hosts: () => Promise<readonly string[]>) {
    const clock = { ms: 0 };
    const asked: string[] = [];
    const lookUp = (host: string): Promise<readonly string[]> => {
      asked.push(host);
      return hosts();
    };
    return { clock, asked, replicas: connect({ address: `dns:///fetchers.example:${three.port}`, lookUp, now: () => clock.ms }) };
  }

  it('is looked up once for all who ask at once, and again after half a minute', async () => {
    const hosts = HOSTS.slice(0, 1);
    const { clock, asked, replicas } = named(async () => [...hosts]);
    using _ = replicas;
    await askAll(replicas);
    assert.deepEqual(asked, ['fetchers.example']);
    hosts.push(...HOSTS.slice(1));
    clock.ms = 29_000;
    assert.equal(new Set(await askAll(replicas)).size, 1);
    clock.ms = 31_000;
    await eventually(async () => assert.equal(new Set(await askAll(replicas)).size, 3));
    assert.equal(asked.length, 2);
  });

  it('keeps what it knows when it cannot be looked up, and is known nowhere before', async () => {
    let fails = true;
    const { clock, replicas } = named(async () => (fails ? Promise.reject(new Error('no DNS')) : HOSTS));
    using _ = replicas;
    await assert.rejects(ask(replicas, 'key'), { reason: 'SERVICE_UNAVAILABLE' });
    fails = false;
    const answer = await ask(replicas, 'key');
    fails = true;
    clock.ms = 60_000;
    assert.equal(await ask(replicas, 'key'), answer);
  });

  it('is looked up at once when a replica is lost', async () => {
    const hosts = ['127.78.0.9', '127.0.0.1'];
    const { clock, asked, replicas } = named(async () => [hosts.shift() ?? '']);
    using _ = replicas;
    const goOn = async (): Promise<never> => {
      clock.ms += 2000;
      throw new MediaError('SERVICE_UNAVAILABLE', 'lost');
    };
    const answer = replicas.use('key', (rpc) => (asked.length === 1 ? goOn() : rpc.getThumbnail(REQUEST)), never);
    assert.equal((await answer).version, '127.0.0.1:0');
  });

  it('is the name that the certificates of its replicas must bear', async () => {
    const server = await serve('127.0.0.1:0', TRUSTED);
    const port = server.address.split(':').at(-1) ?? '';
    const lookUp = async (): Promise<readonly string[]> => ['127.0.0.1'];
    using known = connect({ address: `dns:///localhost:${port}`, tls: TRUSTED, lookUp });
    assert.equal(await ask(known, 'key'), '127.0.0.1:0');
    using other = connect({ address: `dns:///elsewhere.example:${port}`, tls: TRUSTED, lookUp });
    await assert.rejects(ask(other, 'key'), { reason: 'SERVICE_UNAVAILABLE' });
    await server.stop(0);
  });
});
