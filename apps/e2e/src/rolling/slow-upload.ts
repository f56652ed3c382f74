import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@medley/testing/eventually';
import type { Client } from '../crash/client.ts';
import type { Balancer } from '../harness/balancer.ts';
import { repeatChunk } from '../harness/bodies.ts';
import { errcodeOf, exchange } from '../harness/exchange.ts';
import { uploadPath } from '../harness/media-user.ts';
import type { ReplicatedServices } from '../harness/replicas.ts';

/** What came of an upload that lasted longer than its gateway waited. */
export interface SlowUpload {
  /** What it was answered with; not there if it got no answer. */
  readonly status: number | undefined;
  /** How long the gateway took to end, in milliseconds. */
  readonly endedAfterMs: number;
  /** The Matrix errcode of a download afterwards. */
  readonly download: string | undefined;
}

/** A client that asks through a balancer. */
interface Behind {
  readonly balancer: Balancer;
  readonly client: Client;
}

/** How long this gateway waits for running requests when it is asked to end, in milliseconds: less than the upload takes. */
export const IMPATIENT_MS = 3000;
const IMPATIENT = { MEDLEY_SHUTDOWN__DELAY: '500ms', MEDLEY_SHUTDOWN__GRACE: `${IMPATIENT_MS}ms` };
const CHUNKS = 1000;
const CHUNK_EVERY_MS = 50;

/** Restarts a gateway in the midst of an upload that takes 50 s, and looks for the upload afterwards. */
export async function uploadThroughRestart(services: ReplicatedServices, { client, balancer }: Behind): Promise<SlowUpload> {
  const [gateway] = services.running('gateway');
  assert.ok(gateway);
  await services.restart(gateway, IMPATIENT);
  const uri = await client.create();
  assert.ok(uri);
  const begun = Promise.withResolvers<void>();
  const body = repeatChunk(Buffer.alloc(1000, 'slow'), CHUNKS, async (index) => {
    if (index === 5) begun.resolve();
    await sleep(CHUNK_EVERY_MS);
  });
  const uploading = exchange({ port: gateway.port, agent: services.site.agent }, uploadPath(uri), { method: 'PUT', token: client.token, body });
  await begun.promise;
  const endedAfterMs = Math.round(await services.restart(gateway));
  const { status } = await uploading;
  await eventually(() => assert.ok(balancer.uses(gateway)));
  return { status, endedAfterMs, download: errcodeOf(await client.download(uri, { query: { timeout_ms: 0 } })) };
}
