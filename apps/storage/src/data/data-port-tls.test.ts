import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect as connectPlain, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as aTurn } from 'node:timers/promises';
import { connect, getCACertificates, setDefaultCACertificates, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { ByteLane } from '@medley/byte-lane/byte-lane';
import { COMMON_STORE } from '@medley/domain/store-name';
import { ROTATED, ROTATED_AGAIN, STRANGER, TRUSTED } from '@medley/grpc/certificates.fixture';
import type { TlsMaterial } from '@medley/grpc/credentials';
import { Mounted } from '@medley/grpc/mounted.fixture';
import { openPeerIdentity } from '@medley/grpc/peer-identity';
import type { HttpLocation } from '@medley/proto/storage';
import { collectBytes } from '@medley/streams/byte-stream';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { digestOf, NEVER, openTestPort, type TestPort } from './data-port.fixture.ts';

const ADDRESS = 'dns:///localhost:50051';
/** Trusts whoever either authority signed. */
const BOTH = TRUSTED.ca + ROTATED.ca;

/** A lane of a service that calls storage at `address` and has these certificates. */
function laneOf(tls: TlsMaterial | undefined, address = ADDRESS): ByteLane {
  return new ByteLane(2, openPeerIdentity(address, tls));
}

async function put(lane: ByteLane, location: HttpLocation, body: Uint8Array): Promise<unknown> {
  const { body: answer } = await lane.send(location, { method: 'PUT', body, isAlone: true }, NEVER);
  return JSON.parse((await collectBytes(answer, 1000)).toString());
}

async function get(lane: ByteLane, location: HttpLocation, headers: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const { status, body } = await lane.send(location, { method: 'GET', headers }, NEVER);
  assert.ok(status === 200 || status === 206, String(status));
  return collectBytes(body, 2 ** 30);
}

/** Fails unless somebody with these certificates can send bytes. */
async function tryWith(port: TestPort, tls: TlsMaterial): Promise<void> {
  await using lane = laneOf(tls);
  await put(lane, port.links.toUpload(100, COMMON_STORE), randomBytes(10));
}

function refusedAs(code: string): (error: unknown) => boolean {
  return (error) => error instanceof Error && 'code' in error && error.code === code;
}

/** A TLS connection made by hand, as somebody who does not care whom he talks to. */
async function dial(port: TestPort, options: ConnectionOptions): Promise<Disposable & { readonly socket: TLSSocket }> {
  const socket = connect({ port: Number(new URL(port.address).port), host: '127.0.0.1', rejectUnauthorized: false, ...options });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return { socket, [Symbol.dispose]: () => void socket.destroy() };
}

async function serialAt(port: TestPort): Promise<string> {
  using dialled = await dial(port, { ...TRUSTED, ca: BOTH });
  return dialled.socket.getPeerCertificate().serialNumber;
}

describe('the data port over TLS', () => {
  test('takes an upload and gives ranges of it to who has a certificate, at an IP address and by the name of the service', async () => {
    await using port = await openTestPort({ tls: TRUSTED });
    await using lane = laneOf(TRUSTED);
    const bytes = randomBytes(3_000_000);
    const target = port.links.toUpload(bytes.byteLength, COMMON_STORE);
    assert.match(target.url, /^https:\/\/127\.0\.0\.1:/);
    assert.equal(target.peerTls, true);
    assert.deepEqual(await put(lane, target, bytes), { digest: digestOf(bytes), size_bytes: bytes.byteLength });
    const blob = port.links.toBlob({ digest: digestOf(bytes), derivation: '', store: COMMON_STORE });
    assert.deepEqual(await get(lane, blob), bytes);
    assert.deepEqual(await get(lane, blob, { range: 'bytes=1000000-2000000' }), bytes.subarray(1_000_000, 2_000_001));
  });

  for (const [who, tls] of [['no certificate', { ca: TRUSTED.ca }], ['a certificate of nobody', STRANGER], ['one of another authority', ROTATED]] as const) {
    test(`lets nobody in who shows ${who}`, async () => {
      await using port = await openTestPort({ tls: TRUSTED });
      const { url } = port.links.toBlob(await port.put(randomBytes(100)));
      using dialled = await dial(port, tls);
      const { socket } = dialled;
      const closed = new Promise((resolve) => void socket.once('close', resolve));
      let received = '';
      socket.setEncoding('latin1').on('data', (text: string) => void (received += text));
      socket.write(`GET ${url.slice(new URL(url).origin.length)} HTTP/1.1\r\nhost: x\r\n\r\n`);
      await closed;
      assert.equal(received, '');
    });
  }

  test('is not believed under another name than the one by which storage is called', async () => {
    await using port = await openTestPort({ tls: TRUSTED });
    const location = port.links.toBlob(await port.put(randomBytes(100)));
    for (const address of ['dns:///elsewhere.example:50051', '10.1.2.3:50051']) {
      await using lane = laneOf(TRUSTED, address);
      await assert.rejects(get(lane, location), refusedAs('ERR_TLS_CERT_ALTNAME_INVALID'));
    }
  });

  test('is not believed with a certificate of another authority, nor by public ones, nor by who has no TLS himself', async () => {
    await using port = await openTestPort({ tls: TRUSTED });
    const location = port.links.toBlob(await port.put(randomBytes(100)));
    await using other = laneOf({ ...TRUSTED, ca: ROTATED.ca });
    await assert.rejects(get(other, location), refusedAs('SELF_SIGNED_CERT_IN_CHAIN'));
    await using lane = laneOf(TRUSTED);
    await assert.rejects(get(lane, { ...location, peerTls: undefined }), refusedAs('SELF_SIGNED_CERT_IN_CHAIN'));
    await using without = laneOf(undefined);
    await assert.rejects(get(without, location), /grpc\.tls is not configured here/);
  });

  test('keeps a connection for the next request, and shows a certificate that was renewed to the one after', async () => {
    await using mounted = await Mounted.with({ ...TRUSTED, ca: BOTH });
    await using port = await openTestPort({ tls: mounted.current });
    await using lane = laneOf(mounted.current);
    const blob = port.links.toBlob(await port.put(randomBytes(100)));
    const connectionOf = async (): Promise<string | undefined> => {
      const { header, body } = await lane.send(blob, { method: 'GET' }, NEVER);
      await collectBytes(body, 100);
      await aTurn(); // in which the connection is given back
      return header('connection');
    };
    assert.deepEqual([await connectionOf(), await connectionOf()], ['keep-alive', 'keep-alive']);
    await mounted.put({ cert: ROTATED.cert, key: ROTATED.key });
    await eventually(async () => assert.equal(await serialAt(port), new X509Certificate(ROTATED.cert).serialNumber));
    // the kept one is used once more and then given up
    assert.deepEqual([await connectionOf(), await connectionOf()], ['close', 'keep-alive']);
  });

  test('follows its files and the lane’s through a change of the authority, while no transfer fails', async () => {
    await using mounted = await Mounted.with(TRUSTED);
    const old = mounted.current;
    await using port = await openTestPort({ tls: old });
    const identity = openPeerIdentity(ADDRESS, old);
    await using lane = new ByteLane(2, identity);
    const bytes = randomBytes(100_000);
    let isOver = false;
    let transfers = 0;
    const load = (async () => {
      for (; !isOver; transfers += 1) {
        await put(lane, port.links.toUpload(100_000, COMMON_STORE), bytes);
        assert.deepEqual(await get(lane, port.links.toBlob({ digest: digestOf(bytes), derivation: '', store: COMMON_STORE })), bytes);
      }
    })();
    /** Makes a change once both sides have the one before, and goes on when there were transfers with it. */
    const change = async (changed: Partial<TlsMaterial>, isInForce: () => Promise<void>): Promise<void> => {
      await mounted.put(changed);
      await eventually(isInForce);
      await eventually(() => assert.deepEqual({ ...identity?.current, ...changed }, identity?.current));
      const before = transfers;
      await eventually(() => assert.ok(transfers > before + 5), 30_000);
    };
    const rotate = async (): Promise<void> => {
      await change({ ca: BOTH }, () => tryWith(port, { ...ROTATED, ca: BOTH }));
      for (const { cert, key } of [ROTATED, ROTATED_AGAIN]) {
        await change({ cert, key }, async () => assert.equal(await serialAt(port), new X509Certificate(cert).serialNumber));
      }
      await change({ ca: ROTATED.ca }, () => assert.rejects(tryWith(port, { ...TRUSTED, ca: BOTH })));
    };
    await Promise.all([load, rotate().finally(() => void (isOver = true))]);
    assert.ok(identity !== undefined);
  });

  test('gives nobody a session to take up again', async () => {
    await using port = await openTestPort({ tls: TRUSTED });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      using first = await dial(port, { ...TRUSTED, maxVersion });
      let session = first.socket.getSession();
      first.socket.on('session', (given) => void (session = given));
      const { url } = port.links.toBlob(await port.put(randomBytes(100)));
      first.socket.write(`GET ${url.slice(new URL(url).origin.length)} HTTP/1.1\r\nhost: x\r\n\r\n`);
      await once(first.socket, 'data');
      using second = await dial(port, { ...TRUSTED, maxVersion, ...(session && { session }) });
      assert.equal(second.socket.isSessionReused(), false, maxVersion);
    }
  });

  test('stops in its time while somebody is connected who never begins', async () => {
    await using port = await openTestPort({ tls: TRUSTED });
    const socket = connectPlain(Number(new URL(port.address).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    const startedAt = performance.now();
    await port.stop(100);
    assert.ok(performance.now() - startedAt < 5000);
  });

  test('is plain on a unix socket', async () => {
    await using folder = await makeTempDir();
    await using port = await openTestPort({ tls: TRUSTED, listen: { kind: 'unix', path: join(folder.path, 'data.sock') } });
    await using lane = laneOf(undefined);
    const location = port.links.toBlob(await port.put(Buffer.from('bytes')));
    assert.equal(location.peerTls, undefined);
    assert.equal((await get(lane, location)).toString(), 'bytes');
  });
});

test('without TLS a location says nothing of it', async () => {
  await using port = await openTestPort();
  const location = port.links.toUpload(1, COMMON_STORE);
  assert.deepEqual(Object.keys(location), ['url', 'socketPath', 'expiresAtMs']);
  assert.match(location.url, /^http:/);
});

test('an https URL of somebody else is checked by the public authorities, and shown no certificate', async () => {
  const seen: unknown[] = [];
  const server = createServer({ ...ROTATED, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    if ('getPeerCertificate' in request.socket) seen.push((request.socket as TLSSocket).getPeerCertificate());
    response.end('object');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const before = getCACertificates('default');
  try {
    setDefaultCACertificates([ROTATED.ca]);
    await using lane = laneOf(TRUSTED, 'dns:///elsewhere.example:50051');
    const location = { url: `https://localhost:${(server.address() as AddressInfo).port}/b?X-Amz-Signature=x`, expiresAtMs: 0 };
    assert.equal((await get(lane, location)).toString(), 'object');
    assert.deepEqual(seen, [{}]);
    await assert.rejects(get(lane, { ...location, peerTls: true }));
  } finally {
    setDefaultCACertificates(before);
    server.closeAllConnections();
    server.close();
  }
});
