import assert from 'node:assert/strict';
import { originalAt } from '@medley/domain/blob-key';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { Client } from '../crash/client.ts';
import { describeExchange } from '../harness/exchange.ts';
import { KnownBody } from '../harness/known-body.ts';
import { Mains } from '../harness/mains.ts';
import { memoryBound } from '../harness/memory-bounds.ts';
import { Site } from '../harness/site.ts';
import type { Pair, Stores } from '../harness/stores.ts';
import { SERVICES } from '../harness/system.ts';
import { measureGrowth, type Growth, type Watched } from './growth.ts';

export interface MemoryOptions {
  readonly pair: Pair;
  readonly stores: Stores;
  readonly seed: number;
  /** Uploads, and then downloads, at once. */
  readonly count: number;
  /** How large each of them is, in MiB. */
  readonly mib: number;
}

/** One run in figures. */
export interface MemoryReport extends Omit<MemoryOptions, 'stores'> {
  readonly growths: readonly Growth[];
  /** The growth that came closest to its bound, or passed it, in percent of the bound. */
  readonly peakPercent: number;
}

const MIB = 2 ** 20;
/** Less than the default, so that it is known to be what bounds storage. */
const UPLOAD_MEMORY_BYTES = 128 * MIB;
const WARM_UP = 12;

/** How long so many transfers of so many MiB may take, in milliseconds. */
export function limitOf({ count, mib }: Pick<MemoryOptions, 'count' | 'mib'>): number {
  return 60_000 + count * mib * 200;
}

/** Uploads and downloads many bodies at once and measures how every process grows. Takes the stores over. */
export async function runMemory({ stores, ...options }: MemoryOptions): Promise<MemoryReport> {
  const { seed, count, mib } = options;
  const isS3 = 'bucket' in stores.config.storage;
  const config = { uploads: { max_bytes: mib * MIB }, ...(isS3 && { storage: { upload_memory: UPLOAD_MEMORY_BYTES } }) };
  await using mains = await Mains.start(await Site.open({ stores, config }));
  using client = new Client(mains.site, { hungAfterMs: limitOf(options) });
  for (const body of await generate(`warm-up ${seed}`, WARM_UP, MIB)) await download(client, await upload(client, body));
  const bodies = await generate(`memory ${seed}`, count, mib * MIB);
  const watched = watch(mains, { transfers: count, uploadMemoryBytes: isS3 ? UPLOAD_MEMORY_BYTES : 0 });
  const uploaded: Uploaded[] = [];
  try {
    const uploads = await measureGrowth('uploads', watched, async () => void uploaded.push(...await Promise.all(bodies.map((body) => upload(client, body)))));
    const downloads = await measureGrowth('downloads', watched, async () => void await Promise.all(uploaded.map((one) => download(client, one))));
    const growths = [...uploads, ...downloads];
    const peakPercent = Math.max(...growths.map(({ growthBytes, boundBytes }) => Math.round((growthBytes / boundBytes) * 1000) / 10));
    return { ...options, growths, peakPercent };
  } finally {
    await removeBytes(mains.site, bodies);
  }
}

interface Uploaded {
  readonly uri: MxcUri;
  readonly body: KnownBody;
}

async function upload(client: Client, body: KnownBody): Promise<Uploaded> {
  const { answer, uri } = await client.upload(body);
  assert.ok(uri, describeExchange(answer));
  return { uri, body };
}

async function download(client: Client, { uri, body }: Uploaded): Promise<void> {
  const answer = await client.download(uri);
  assert.ok(answer.status === 200 && answer.isWhole && answer.digest === body.digest, describeExchange(answer));
}

/** Makes one body after the other: hashing all of them at once would take the time that the services need. */
async function generate(name: string, count: number, sizeBytes: number): Promise<readonly KnownBody[]> {
  const bodies: KnownBody[] = [];
  while (bodies.length < count) bodies.push(await KnownBody.generate(`${name} ${bodies.length}`, sizeBytes));
  return bodies;
}

function watch(mains: Mains, load: { readonly transfers: number; readonly uploadMemoryBytes: number }): readonly Watched[] {
  return SERVICES.map((service) => {
    const pid = mains.running(service)?.pid;
    assert.ok(pid);
    return { name: service, pid, boundBytes: memoryBound({ service, ...load }) };
  });
}

/** Servers that others use keep what is not removed. */
async function removeBytes(site: Site, bodies: readonly KnownBody[]): Promise<void> {
  const storage = site.connectStorage();
  const remove = ({ digest }: KnownBody) => storage.rpc.deleteBlob({ key: originalAt({ digest, store: COMMON_STORE }), withDerived: false });
  await Promise.all(bodies.map(remove));
  storage.close();
}
