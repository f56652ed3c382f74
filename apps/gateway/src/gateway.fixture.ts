import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolveConfig } from '@medley/config/load';
import { MediaError } from '@medley/domain/media-error';
import { TokenBuckets } from '@medley/domain/token-buckets';
import { serveGrpc, type CallContext, type ServiceImplementation } from '@medley/grpc/server';
import { MetadataServiceDefinition, type BatchGetMediaRequest, type BatchGetMediaResponse, type CommitUploadRequest, type PutUrlPreviewRequest, type RecordUploadRequest, type RecordUploadResponse, type ResolveMediaResponse } from '@medley/proto/metadata';
import type { TakePermitsRequest, TakePermitsResponse } from '@medley/proto/metadata/limits';
import type { RecordRemoteMediaRequest, RecordRemoteMediaResponse } from '@medley/proto/metadata/catalog';
import { MediaState, type MediaRecord } from '@medley/proto/metadata/media';
import { ChangeKind, type Change, type DeleteMediaRequest, type DeleteMediaResponse, type WatchChangesRequest, type WatchChangesResponse } from '@medley/proto/metadata/moderation';
import { StorageServiceDefinition } from '@medley/proto/storage';
import type { DescribedService } from '@medley/grpc/service-config';
import { quietTelemetry } from '@medley/testing/telemetry';
import { startGateway } from './app.ts';

export const TOKEN = 'fixture-token';
const ORIGIN = 'a.example';

/** A metadata service that knows the records it was given, and tells what a test says has happened. */
export class FakeMetadata {
  readonly records = new Map<string, MediaRecord>();
  readonly #changes: Change[] = [];
  readonly #buckets = new TokenBuckets();
  /** How many records were asked for. */
  lookups = 0;
  /** What each stream of changes was asked to begin after. */
  readonly watches: (number | undefined)[] = [];
  /** Says nothing on the streams of changes, though they stay open. */
  isMute = false;
  /** Awaited by look-ups after they have read the record, so that it may be old when it arrives. */
  beforeAnswer: () => Promise<void> = async () => {};
  /** What media of other servers takes. */
  remoteBytes = 0;
  recordUpload: (request: RecordUploadRequest) => Promise<RecordUploadResponse> = async () => ({ record: this.add('uploaded', '', 0) });
  commitUpload: (request: CommitUploadRequest) => Promise<void> = async () => {};
  recordRemoteMedia = async ({ key, content }: RecordRemoteMediaRequest): Promise<RecordRemoteMediaResponse> => {
    const record = { ...this.add(key?.mediaId ?? '', '', 0), key, content, userId: '', remote: true };
    this.records.set(key?.mediaId ?? '', record);
    return { record };
  };
  resolveMedia: () => Promise<ResolveMediaResponse> = async () => ({ record: undefined });

  add(mediaId: string, digest: string, sizeBytes: number, store = ''): MediaRecord {
    const record: MediaRecord = {
      key: { origin: ORIGIN, mediaId },
      state: MediaState.AVAILABLE,
      userId: `@u:${ORIGIN}`,
      createdAtMs: 0,
      content: { digest, sizeBytes, contentType: 'text/plain', uploadName: undefined, frozen: true, store },
      quarantine: undefined,
      lost: false,
      remote: false,
      protected: false,
    };
    this.records.set(mediaId, record);
    return record;
  }

  /** Hides a media, and says so of its name or of its bytes. */
  quarantine(mediaId: string, by: 'key' | 'digest'): void {
    const record = this.#require(mediaId);
    this.records.set(mediaId, { ...record, quarantine: { by: 'test', atMs: 0 } });
    this.#tell(ChangeKind.QUARANTINED, by === 'key' ? { $case: 'key', value: record.key ?? { origin: '', mediaId: '' } } : { $case: 'digest', value: record.content?.digest ?? '' });
  }

  release(mediaId: string): void {
    const record = this.#require(mediaId);
    this.records.set(mediaId, { ...record, quarantine: undefined });
    this.#tell(ChangeKind.RELEASED, { $case: 'key', value: record.key ?? { origin: '', mediaId: '' } });
  }

  delete(mediaId: string): void {
    const { key } = this.#require(mediaId);
    this.records.delete(mediaId);
    this.#tell(ChangeKind.DELETED, { $case: 'key', value: key ?? { origin: '', mediaId: '' } });
  }

  get implementation(): ServiceImplementation<typeof MetadataServiceDefinition> {
    return withoutOthers(MetadataServiceDefinition, {
      batchGetMedia: (request: BatchGetMediaRequest) => this.#batchGet(request),
      deleteMedia: (request: DeleteMediaRequest) => this.#deleteMedia(request),
      getUsage: async () => ({ mediaCount: 0, mediaBytes: this.remoteBytes, pendingCount: 0, lapsedCount: 0, condemnedCount: 0, rows: [] }),
      getUrlPreview: async () => ({ preview: undefined }),
      putUrlPreview: async ({ preview }: PutUrlPreviewRequest) => ({ preview }),
      getVerdict: async () => ({ verdict: undefined }),
      claimUpload: async () => ({ claim: 'claim' }),
      commitUpload: async (request: CommitUploadRequest) => {
        await this.commitUpload(request);
        return {};
      },
      recordUpload: (request: RecordUploadRequest) => this.recordUpload(request),
      recordRemoteMedia: (request: RecordRemoteMediaRequest) => this.recordRemoteMedia(request),
      resolveMedia: () => this.resolveMedia(),
      takePermits: async ({ claims }: TakePermitsRequest): Promise<TakePermitsResponse> => ({ grants: claims.map((claim) => this.#buckets.take(claim)) }),
      watchChanges: (request: WatchChangesRequest, context: CallContext) => this.#watch(request, context.signal),
    });
  }

  async #batchGet({ keys }: BatchGetMediaRequest): Promise<BatchGetMediaResponse> {
    const results = keys.map(({ mediaId }) => ({ record: this.records.get(mediaId) }));
    this.lookups += keys.length;
    await this.beforeAnswer();
    return { results };
  }

  async #deleteMedia({ keys }: DeleteMediaRequest): Promise<DeleteMediaResponse> {
    for (const { mediaId } of keys) this.delete(mediaId);
    return { deleted: keys };
  }

  async *#watch({ after }: WatchChangesRequest, signal: AbortSignal): AsyncGenerator<WatchChangesResponse> {
    this.watches.push(after);
    for (let told = after ?? this.#changes.length; !signal.aborted; await sleep(20)) {
      if (this.isMute) continue;
      const changes = this.#changes.slice(told);
      told = this.#changes.length;
      yield { position: told, changes };
    }
  }

  #tell(kind: ChangeKind, subject: Change['subject']): void {
    this.#changes.push({ sequence: this.#changes.length + 1, kind, subject, by: 'test', atMs: 0, store: '' });
  }

  #require(mediaId: string): MediaRecord {
    const record = this.records.get(mediaId);
    if (record === undefined) throw new Error(`no record of ${mediaId}`);
    return record;
  }
}

/** A service of which a test says only what it needs; all else fails. */
export function withoutOthers<Service extends DescribedService>(service: Service, methods: object): ServiceImplementation<Service> {
  const fail = (): Promise<never> => Promise.reject(new MediaError('SERVICE_UNAVAILABLE', 'not in this test'));
  const others = Object.fromEntries(Object.keys(service.methods).map((name) => [name, fail]));
  return { ...others, ...methods } as unknown as ServiceImplementation<Service>; // the names are those of the service
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  readonly metadata: FakeMetadata;
  get(mediaId: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Response>;
  upload(body: RequestInit['body']): Promise<Response>;
  /** Lets metadata go as if it were killed. */
  stopMetadata(): Promise<void>;
  startMetadata(): Promise<void>;
}

/** A real gateway on a free port between fakes that speak the real protocols. */
export async function startTestGateway(storage: object, parts: Readonly<Record<string, unknown>> = {}): Promise<TestGateway> {
  await using opened = new AsyncDisposableStack();
  const metadata = new FakeMetadata();
  const serveMetadata = (listen: string) => serveGrpc({ service: MetadataServiceDefinition, implementation: metadata.implementation, listen, ...quietTelemetry() });
  let metadataServer = await serveMetadata('127.0.0.1:0');
  opened.defer(() => metadataServer.stop(0));
  const implementation = withoutOthers(StorageServiceDefinition, storage);
  const storageServer = await serveGrpc({ service: StorageServiceDefinition, implementation, listen: '127.0.0.1:0', ...quietTelemetry() });
  opened.defer(() => storageServer.stop(0));
  const config = await resolveConfig({
    listen: { port: 0 },
    homeservers: [{ server_name: ORIGIN, static_tokens: [{ token: TOKEN, user_id: `@u:${ORIGIN}` }] }],
    ...parts,
    grpc: { metadata: metadataServer.address, storage: storageServer.address, ...(parts['grpc'] as object | undefined) },
  }, {});
  const gateway = await startGateway({ config, ...quietTelemetry() });
  opened.defer(() => gateway.stop(0));
  const owned = opened.move();
  const url = gateway.addresses['http'] ?? '';
  const authorization = `Bearer ${TOKEN}`;
  return {
    url,
    metadata,
    get: (mediaId, headers = {}, method = 'GET') => fetch(`${url}/_matrix/client/v1/media/download/${ORIGIN}/${mediaId}`, { method, headers: { authorization, ...headers } }),
    upload: (body) => fetch(`${url}/_matrix/media/v3/upload`, { method: 'POST', headers: { authorization }, body: body ?? null, duplex: 'half' }),
    stopMetadata: () => metadataServer.stop(0),
    startMetadata: async () => void (metadataServer = await serveMetadata(metadataServer.address)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** An HTTP server on a free port, as a data port or an object store is one. */
export async function serveHttp(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/blob`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
