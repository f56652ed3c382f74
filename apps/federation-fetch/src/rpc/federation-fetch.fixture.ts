import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { resolveConfig } from '@medley/config/load';
import { MediaError } from '@medley/domain/media-error';
import { connectService, type ConnectedClient } from '@medley/grpc/client';
import { FederationFetchServiceDefinition, type FetchedHeader, type FetchMediaRequest, type StoredMedia } from '@medley/proto/federation-fetch';
import { FakeRemote, type FakeRemoteOptions } from '@medley/testing/fake-remote';
import { REMOTE_AUTHORITY } from '@medley/testing/fake-remote-certificates';
import { quietTelemetry } from '@medley/testing/telemetry';
import { startFederationFetch } from '../app.ts';
import { FakeStorage } from './storage.fixture.ts';

export const OWN_NAME = 'medley.example';
const SIGNING_KEY = 'ed25519 1 YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1';
/** The addresses that play the Internet; all others of this machine must not be asked. */
const INTERNET = ['127.0.0.1/32', '127.77.0.1/32'];
const CALL_LIMIT_MS = 30_000;

/** What one call came to. */
export interface Fetched {
  readonly header: FetchedHeader | undefined;
  readonly bytes: Buffer;
  readonly stored: StoredMedia | undefined;
  readonly error: MediaError | undefined;
}

/** A federation-fetch service between a storage service and other servers. */
export class TestFetch implements AsyncDisposable {
  readonly storage: FakeStorage;
  readonly rpc: ConnectedClient<typeof FederationFetchServiceDefinition>['rpc'];
  readonly #owned: AsyncDisposableStack;

  private constructor(storage: FakeStorage, rpc: TestFetch['rpc'], owned: AsyncDisposableStack) {
    this.storage = storage;
    this.rpc = rpc;
    this.#owned = owned;
  }

  /** `federation` lies over the configuration. */
  static async start(federation: Readonly<Record<string, unknown>> = {}): Promise<TestFetch> {
    await using opened = new AsyncDisposableStack();
    const storage = opened.use(await FakeStorage.start());
    const config = await resolveConfig({
      homeservers: [{ server_name: OWN_NAME, signing_key: SIGNING_KEY }],
      grpc: { listen: '127.0.0.1:0', storage: storage.address },
      federation: { ca: REMOTE_AUTHORITY, allowed_networks: INTERNET, timeout: '10s', stall_timeout: '10s', ...federation },
    }, {});
    const service = await startFederationFetch({ config, ...quietTelemetry() });
    opened.defer(() => service.stop(0));
    const client = connectService(FederationFetchServiceDefinition, { address: service.addresses['grpc'] ?? '', timeoutMs: CALL_LIMIT_MS });
    opened.defer(() => client.close());
    return new TestFetch(storage, client.rpc, opened.move());
  }

  /** Another server, ended with this. */
  async remote(options?: FakeRemoteOptions): Promise<FakeRemote> {
    return this.#owned.use(await FakeRemote.start(options));
  }

  /** Fetches media to its end, or its failure. */
  async fetch(origin: string, parts: Partial<FetchMediaRequest> = {}): Promise<Fetched> {
    const chunks: Uint8Array[] = [];
    let header: FetchedHeader | undefined;
    let stored: StoredMedia | undefined;
    try {
      for await (const { part } of this.rpc.fetchMedia(toRequest(origin, parts))) {
        if (part?.$case === 'header') header = part.value;
        else if (part?.$case === 'chunk') chunks.push(part.value);
        else stored = part?.value;
      }
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      return { header, bytes: Buffer.concat(chunks), stored, error };
    }
    return { header, bytes: Buffer.concat(chunks), stored, error: undefined };
  }

  /** Fetches media that comes whole, and is stored as what it is. */
  async fetchWhole(origin: string, parts: Partial<FetchMediaRequest> = {}): Promise<{ header: FetchedHeader; bytes: Buffer }> {
    const { header, bytes, stored, error } = await this.fetch(origin, { span: { offset: 0, length: undefined }, ...parts });
    if (error !== undefined) throw error;
    assert.ok(header !== undefined && stored !== undefined);
    const digest = createHash('sha256').update(bytes).digest('hex');
    assert.deepEqual(stored, { digest, sizeBytes: bytes.byteLength });
    assert.equal(this.storage.stored.get(digest), bytes.byteLength);
    return { header, bytes };
  }

  /** Fetching fails for this reason, with words of our own, and nothing is stored. */
  async refuses(origin: string, reason: MediaError['reason'], parts: Partial<FetchMediaRequest> = {}): Promise<Fetched> {
    const fetched = await this.fetch(origin, { span: { offset: 0, length: undefined }, ...parts });
    assert.equal(fetched.error?.reason, reason, fetched.error?.message ?? 'it did not fail');
    assert.doesNotMatch(fetched.error.message, /The remote says|errcode|html/i);
    assert.equal(fetched.stored, undefined);
    assert.equal(this.storage.stored.size, 0);
    return fetched;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

/** A request for `mxc://<origin>/media`. */
export function toRequest(origin: string, parts: Partial<FetchMediaRequest> = {}): FetchMediaRequest {
  return { origin, mediaId: 'media', requester: OWN_NAME, waitMs: 0, maxBytes: 2 ** 30, span: undefined, thumbnail: undefined, onlyJoins: false, ...parts };
}
