import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, it } from 'node:test';
import { toMxcText } from '@medley/domain/mxc-uri';
import { eventually } from '@medley/testing/eventually';
import { findFreePorts } from '@medley/testing/free-ports';
import { ADMIN, byId } from './endpoints/admin/admin-calls.ts';
import { randomBody } from './harness/bodies.ts';
import { assertJson } from './harness/expect.ts';
import { call } from './harness/http-call.ts';
import { startMain } from './harness/mains.ts';
import { readContentUri } from './harness/media-user.ts';
import type { Program } from './harness/program.ts';
import { Site } from './harness/site.ts';
import { stopProgram } from './harness/system.ts';

const SECRET = 'a secret of the e2e tests';
/** A gateway that was killed keeps its lease for half a minute. */
const LEASE_ENDS_WITHIN_MS = 90_000;

interface Told {
  readonly sequence: number;
  readonly kind: string;
  readonly media: string;
  readonly by: string;
}

const told: Told[] = [];
let refusals = 2;
const receiver = createServer((request, response) => void text(request).then((body) => {
  const { 'x-medley-timestamp': at, 'x-medley-signature': signature } = request.headers;
  assert.equal(signature, `sha256=${createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex')}`);
  if ((refusals -= 1) >= 0) return response.writeHead(500).end();
  const { webhook, changes } = JSON.parse(body) as { webhook: string; changes: Told[] };
  assert.equal(webhook, 'e2e');
  told.push(...changes.filter(({ media }) => media !== undefined)); // acts on bytes come besides
  return response.writeHead(204).end();
})).listen(0, '127.0.0.1');
await once(receiver, 'listening');
after(() => {
  receiver.closeAllConnections();
  receiver.close();
});

const site = await Site.open();
after(() => site[Symbol.asyncDispose]());
const second = await findFreePorts(2);
const { port } = receiver.address() as AddressInfo;
await site.configure({ webhooks: [{ name: 'e2e', url: `http://127.0.0.1:${port}/`, secret: SECRET }] });
const others: Program[] = [];
for (const service of ['metadata', 'storage', 'thumbnail', 'url-preview', 'federation-fetch'] as const) others.push(await startMain(site, service));
const gateways = [
  { port: site.ports.http, program: await startMain(site, 'gateway') },
  { port: second, program: await startMain(site, 'gateway', { MEDLEY_LISTEN__PORT: String(second), MEDLEY_METRICS__PORT: String(second + 1) }) },
];
after(async () => {
  for (const program of [...gateways.map((gateway) => gateway.program), ...others]) if (!program.hasExited) await stopProgram(program);
});
const [user, admin] = [site.user().account, site.homeserver.addAdmin()];

async function quarantine(at: number): Promise<string> {
  const place = { port: at, agent: site.agent };
  const uri = readContentUri(await call(place, '/_matrix/media/v3/upload', { method: 'POST', token: user.token, body: randomBody(100) }));
  assertJson(await call(place, `${ADMIN}${byId(uri, 'quarantine/')}`, { method: 'POST', token: admin.token }));
  return toMxcText(uri);
}

const acts: string[] = [];

/** Waits until the receiver has been told of all of them, in order. */
function untilTold(withinMs?: number): Promise<void> {
  return eventually(() => assert.deepEqual([...new Set(told.map(({ media }) => media))], acts), withinMs);
}

it('tells a webhook of what admins do at any gateway, once, in order, though it fails at first', async () => {
  // until a gateway has looked for the first time nothing is told
  await eventually(async () => {
    await quarantine(site.ports.http);
    assert.ok(refusals < 2);
  });
  acts.push(...await untilQuiet());
  for (const at of [0, 1, 0, 1]) acts.push(await quarantine(gateways[at]?.port ?? 0));
  await untilTold();
  const sequences = told.map(({ sequence }) => sequence);
  assert.deepEqual(sequences, [...new Set(sequences)].toSorted((one, other) => one - other));
  assert.deepEqual(new Set(told.map(({ kind, by }) => `${kind} ${by}`)), new Set([`quarantined ${admin.userId}`]));
});

it('is told by another gateway when the first was killed, and nothing is left out', { timeout: 2 * LEASE_ENDS_WITHIN_MS }, async () => {
  const [first, other] = gateways;
  first?.program.kill();
  await first?.program.exited;
  for (let made = 0; made < 3; made += 1) acts.push(await quarantine(other?.port ?? 0));
  await untilTold(LEASE_ENDS_WITHIN_MS);
});

/** What the receiver has been told of when it has been told of all. */
async function untilQuiet(): Promise<readonly string[]> {
  const metadata = site.connectMetadata();
  try {
    const { position } = await metadata.rpc.listChanges({ limit: 1, kinds: [], mediaOnly: false, descending: true });
    await eventually(async () => assert.equal((await metadata.rpc.getPosition({ name: 'webhook/e2e' })).position, position));
  } finally {
    metadata.close();
  }
  return [...new Set(told.map(({ media }) => media))];
}
