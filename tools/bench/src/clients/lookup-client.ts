import { COMMON_STORE } from '@medley/domain/store-name';
/** The process that looks media up in the metadata service, as gateways do. */
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { MetadataServiceDefinition, type MediaLookup } from '@medley/proto/metadata';
import type { MediaKey } from '@medley/proto/metadata/media';
import { Batcher } from '@medley/streams/batcher';
import type { Work } from '../harness/rounds.ts';
import { serveRequests } from '../harness/worker.ts';

export interface LookupOptions {
  readonly address: string;
  readonly token: string;
  /** How many records to make first. */
  readonly records: number;
  readonly serverName: string;
}

export interface LookupRun {
  readonly mode: 'batched' | 'single';
  readonly concurrent: number;
  readonly seconds: number;
}

/** As the gateway's record cache. */
const MAX_BATCH = 500;

type Metadata = ConnectedClient<typeof MetadataServiceDefinition>['rpc'];
type Lookup = (key: MediaKey) => Promise<MediaLookup | undefined>;

let opened: { readonly keys: readonly MediaKey[]; readonly lookups: Readonly<Record<LookupRun['mode'], Lookup>> } | undefined;

serveRequests<LookupOptions | LookupRun>(async (request) => {
  if ('mode' in request) return run(request);
  const { rpc } = connectService(MetadataServiceDefinition, request);
  opened = { keys: await makeRecords(rpc, request), lookups: { batched: batched(rpc), single: single(rpc) } };
  return undefined;
});

async function run({ mode, concurrent, seconds }: LookupRun): Promise<Work> {
  if (opened === undefined) throw new Error('it was told nothing to look up');
  const { keys, lookups } = opened;
  const startedAt = performance.now();
  const deadline = startedAt + seconds * 1000;
  let count = 0;
  const keepAsking = async (): Promise<void> => {
    for (; performance.now() < deadline; count += 1) await lookUpOne(keys, lookups[mode]);
  };
  await Promise.all(Array.from({ length: concurrent }, keepAsking));
  return { count, wallMs: performance.now() - startedAt };
}

async function lookUpOne(keys: readonly MediaKey[], lookup: Lookup): Promise<void> {
  const key = keys[Math.floor(Math.random() * keys.length)];
  if (key === undefined || (await lookup(key))?.record === undefined) throw new Error('a record is missing');
}

function batched(rpc: Metadata): Lookup {
  const batcher = new Batcher<MediaKey, MediaLookup>(MAX_BATCH, async (keys) => (await rpc.batchGetMedia({ keys: [...keys] })).results);
  return (key) => batcher.get(`${key.origin}/${key.mediaId}`, key);
}

function single(rpc: Metadata): Lookup {
  return async (key) => (await rpc.batchGetMedia({ keys: [key] })).results[0];
}

async function makeRecords(rpc: Metadata, { records, serverName }: LookupOptions): Promise<readonly MediaKey[]> {
  const content = { digest: '0'.repeat(64), store: COMMON_STORE, sizeBytes: 1, contentType: 'image/jpeg', uploadName: 'photo.jpg', frozen: true };
  const keys: MediaKey[] = [];
  while (keys.length < records) {
    const { record } = await rpc.recordUpload({ origin: serverName, userId: `@user:${serverName}`, content });
    if (record?.key !== undefined) keys.push(record.key);
  }
  return keys;
}
