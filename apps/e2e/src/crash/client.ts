import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import type { MetadataServiceDefinition } from '@medley/proto/metadata';
import type { ConnectedClient } from '@medley/grpc/client';
import { exchange, type Exchange } from '../harness/exchange.ts';
import type { CallOptions } from '../harness/http-call.ts';
import type { KnownBody } from '../harness/known-body.ts';
import { downloadPath, thumbnailPath, uploadPath } from '../harness/media-user.ts';
import type { Site } from '../harness/site.ts';

/** Nothing that a load of few clients asks for takes as long. */
const HUNG_AFTER_MS = 90_000;

/** Makes one HTTP exchange with some gateway. */
export type Ask = (path: string, options: CallOptions) => Promise<Exchange>;

export interface ClientOptions {
  /** Default: the site's gateway is asked. */
  readonly ask?: Ask;
  /** What takes longer is given up, in milliseconds. */
  readonly hungAfterMs?: number;
}

/** One client of a Medley that may be killed at any moment: what it asks for may fail, and it is told how. */
export class Client implements Disposable {
  readonly token: string;
  readonly #ask: Ask;
  readonly #hungAfterMs: number;
  readonly #metadata: ConnectedClient<typeof MetadataServiceDefinition>;

  constructor(site: Site, { ask, hungAfterMs = HUNG_AFTER_MS }: ClientOptions = {}) {
    this.#ask = ask ?? ((path, options) => exchange({ port: site.ports.http, agent: site.agent }, path, options));
    this.#hungAfterMs = hungAfterMs;
    this.token = site.homeserver.addUser().token;
    this.#metadata = site.connectMetadata();
  }

  /** What operators may ask for, past the gateway. */
  get admin(): ConnectedClient<typeof MetadataServiceDefinition>['rpc'] {
    return this.#metadata.rpc;
  }

  async create(): Promise<MxcUri | undefined> {
    return readUri(await this.#call('/_matrix/media/v1/create', { method: 'POST', body: '{}' }));
  }

  /** Uploads to a new media id; the answer has it. */
  async upload(body: KnownBody, type?: string): Promise<{ readonly answer: Exchange; readonly uri: MxcUri | undefined }> {
    const answer = await this.#call('/_matrix/media/v3/upload', { method: 'POST', ...toSent(body, type) });
    return { answer, uri: readUri(answer) };
  }

  put(uri: MxcUri, body: KnownBody): Promise<Exchange> {
    return this.#call(uploadPath(uri), { method: 'PUT', ...toSent(body) });
  }

  /** Leaves after a part of the body, of which the whole length was announced. */
  async putAndLeave(uri: MxcUri, body: KnownBody, leaveAt: number): Promise<Exchange> {
    const pieces = (function* () {
      yield* body.pieces(0, leaveAt);
      throw new Error('the client has left');
    })();
    return this.#call(uploadPath(uri), { ...toSent(body), method: 'PUT', body: toStream(pieces) });
  }

  download(uri: MxcUri, options: CallOptions = {}): Promise<Exchange> {
    return this.#call(downloadPath(uri), options);
  }

  thumbnail(uri: MxcUri, width: number): Promise<Exchange> {
    return this.#call(thumbnailPath(uri), { query: { width, height: width, method: 'crop' } });
  }

  [Symbol.dispose](): void {
    this.#metadata.close();
  }

  #call(path: string, options: CallOptions): Promise<Exchange> {
    return this.#ask(path, { token: this.token, signal: AbortSignal.timeout(this.#hungAfterMs), ...options });
  }
}

function toSent(body: KnownBody, type = 'application/octet-stream'): CallOptions {
  return { headers: { 'content-type': type, 'content-length': String(body.sizeBytes) }, body: toStream(body.pieces()) };
}

async function* toStream(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

function readUri({ status, isWhole, head }: Exchange): MxcUri | undefined {
  const [, origin, mediaId] = /"mxc:\/\/([^/"]+)\/([^/"]+)"/.exec(head.toString()) ?? [];
  if (status !== 200 || !isWhole || origin === undefined || mediaId === undefined) return undefined;
  return parseMxcParts(origin, mediaId);
}
