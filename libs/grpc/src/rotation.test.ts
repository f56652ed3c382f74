import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { it } from 'node:test';
import { connect } from 'node:tls';
import { ThumbnailMethod, ThumbnailServiceDefinition, type GetThumbnailRequest } from '@medley/proto/thumbnail';
import { eventually } from '@medley/testing/eventually';
import { quietTelemetry } from '@medley/testing/telemetry';
import { ROTATED, ROTATED_AGAIN, TRUSTED } from './certificates.fixture.ts';
import { connectService } from './client.ts';
import type { TlsMaterial } from './credentials.ts';
import { LiveCertificates } from './live-certificates.ts';
import { Mounted } from './mounted.fixture.ts';
import { serveGrpc } from './server.ts';

const REQUEST: GetThumbnailRequest = { sourceDigest: '', store: '', spec: { width: 1, height: 1, method: ThumbnailMethod.CROP, animated: false } };
const CALLS_PER_CONNECTION = 5;
const WORKERS = 3;
const CALLS_PER_STEP = 30;
/** Trusts whoever either authority signed. */
const BOTH = TRUSTED.ca + ROTATED.ca;

/** A service that anybody with the right certificate can call. */
async function serve(tls: TlsMaterial) {
  const answer = { contentType: '', sizeBytes: 0, version: 'v', body: undefined };
  const implementation = { getThumbnail: async () => answer, prepareThumbnails: neverCalled, getImageInfo: neverCalled };
  const server = await serveGrpc({ service: ThumbnailServiceDefinition, implementation, listen: '127.0.0.1:0', tls, ...quietTelemetry() });
  return { address: server.address, [Symbol.asyncDispose]: () => server.stop(0) };
}

async function neverCalled(): Promise<never> {
  throw new Error('no test calls this');
}

async function call(address: string, tls: TlsMaterial, calls = 1): Promise<void> {
  const client = connectService(ThumbnailServiceDefinition, { address, tls, timeoutMs: 5000 });
  try {
    for (let count = 0; count < calls; count += 1) await client.rpc.getThumbnail(REQUEST);
  } finally {
    client.close();
  }
}

/** The serial number of the certificate that a new connection is shown. */
async function serialAt(address: string): Promise<string> {
  const port = Number(address.split(':').at(-1));
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] }, () => resolve(socket.getPeerCertificate().serialNumber));
  socket.once('error', reject);
  return promise.finally(() => socket.destroy());
}

function serialOf({ cert }: TlsMaterial): string {
  return new X509Certificate(cert).serialNumber;
}

/**
 * Old authority, then both, then a pair of the new one, then the new one alone, then a newer pair: each step once the one before is in
 * force and `settle` says that it has been for a while.
 */
async function rotate(mounted: Mounted, address: string, settle: () => Promise<void>): Promise<void> {
  await mounted.put({ ca: BOTH });
  await eventually(() => call(address, { ...ROTATED, ca: BOTH }));
  await settle();
  await mounted.put({ cert: ROTATED.cert, key: ROTATED.key });
  await eventually(async () => assert.equal(await serialAt(address), serialOf(ROTATED)));
  await settle();
  await mounted.put({ ca: ROTATED.ca });
  await eventually(() => assert.rejects(call(address, { ...TRUSTED, ca: BOTH }), { reason: 'SERVICE_UNAVAILABLE' }));
  await settle();
  await mounted.put({ cert: ROTATED_AGAIN.cert, key: ROTATED_AGAIN.key });
  await eventually(async () => assert.equal(await serialAt(address), serialOf(ROTATED_AGAIN)));
  await settle();
}

it('certificates and their authority are rotated under load: no call fails, and who has only old ones is refused', { timeout: 60_000 }, async () => {
  await using mounted = await Mounted.with(TRUSTED);
  const before = mounted.current;
  await using server = await serve(before);
  const kept = connectService(ThumbnailServiceDefinition, { address: server.address, tls: before });
  let calls = 0;
  let isOver = false;
  const load = Array.from({ length: WORKERS }, async () => {
    for (; !isOver; calls += CALLS_PER_CONNECTION) {
      await call(server.address, mounted.current, CALLS_PER_CONNECTION - 1);
      await kept.rpc.getThumbnail(REQUEST);
    }
  });
  const settle = async (): Promise<void> => {
    const before = calls;
    await eventually(() => assert.ok(calls >= before + CALLS_PER_STEP, `${calls} calls`), 30_000);
  };
  await Promise.all([...load, rotate(mounted, server.address, settle).finally(() => void (isOver = true))]);
  kept.close();
  // it was configured before all this and connects only now
  await call(server.address, before);
  await assert.rejects(call(server.address, TRUSTED), { reason: 'SERVICE_UNAVAILABLE' });
});

it('half a pair, and a file that is gone bad, leave what was before in use, and are told once', async () => {
  await using mounted = await Mounted.with(TRUSTED);
  const problems: string[] = [];
  const certificates = new LiveCertificates(mounted.current, ({ message }) => problems.push(message));
  const seen: string[] = [];
  const listener = (update: { readonly certificate: Buffer } | null): void => void seen.push(serialOf({ ...TRUSTED, cert: String(update?.certificate) }));
  certificates.addIdentityCertificateListener(listener);
  await eventually(() => assert.deepEqual(seen, [serialOf(TRUSTED)]));
  await mounted.put({ cert: ROTATED.cert });
  await eventually(() => assert.equal(problems.length, 1));
  await certificates.reload();
  await certificates.reload();
  assert.deepEqual([problems, seen], [['the key does not fit the certificate'], [serialOf(TRUSTED)]]);
  await mounted.put({ key: ROTATED.key });
  await eventually(() => assert.deepEqual(seen, [serialOf(TRUSTED), serialOf(ROTATED)]));
  await mounted.put({ key: 'nothing' });
  await eventually(() => assert.equal(problems.length, 2));
  assert.equal(seen.length, 2);
  certificates.removeIdentityCertificateListener(listener);
});
