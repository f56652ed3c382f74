import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import type { Account } from '@medley/testing/fake-homeserver';
import { assertJson } from './expect.ts';
import { call, type Answer, type CallOptions, type Query } from './http-call.ts';
import type { Site } from './site.ts';

export type Body = NonNullable<CallOptions['body']>;

export interface UploadOptions {
  readonly type?: string;
  readonly name?: string;
  readonly headers?: OutgoingHttpHeaders;
}

export interface PendingMedia extends MxcUri {
  readonly expiresAt: number;
}

/** Somebody with a token, at one Medley. */
export class MediaUser {
  readonly account: Account;
  readonly #site: Site;

  constructor(site: Site, account: Account) {
    this.#site = site;
    this.account = account;
  }

  /** Any request, with this user's token unless another is given (`token: undefined` sends none). */
  call(path: string, options: CallOptions = {}): Promise<Answer> {
    const { ports, agent } = this.#site;
    return call({ port: ports.http, agent }, path, { token: this.account.token, ...options });
  }

  /** Uploads; fails unless that worked. */
  async upload(body: Body, options: UploadOptions = {}): Promise<MxcUri> {
    return readContentUri(await this.tryUpload(body, options));
  }

  tryUpload(body: Body, options: UploadOptions = {}): Promise<Answer> {
    return this.call('/_matrix/media/v3/upload', { method: 'POST', body, ...toUpload(options) });
  }

  /** Reserves a media id; fails unless that worked. */
  async create(): Promise<PendingMedia> {
    const answer = await this.tryCreate();
    return { ...readContentUri(answer), expiresAt: Number(assertJson(answer)['unused_expires_at']) };
  }

  tryCreate(body: Body = '{}'): Promise<Answer> {
    return this.call('/_matrix/media/v1/create', { method: 'POST', body });
  }

  put(uri: MxcUri, body: Body, options: UploadOptions = {}): Promise<Answer> {
    return this.call(uploadPath(uri), { method: 'PUT', body, ...toUpload(options) });
  }

  download(uri: MxcUri, options: CallOptions = {}): Promise<Answer> {
    return this.call(downloadPath(uri), options);
  }

  thumbnail(uri: MxcUri, query: Query, options: CallOptions = {}): Promise<Answer> {
    return this.call(thumbnailPath(uri), { query, ...options });
  }
}

/** Reads `content_uri` from an answer; fails unless it is a valid mxc URI. */
export function readContentUri(answer: Answer): MxcUri {
  const [, origin = '', mediaId = ''] = /^mxc:\/\/([^/]+)\/([^/]+)$/.exec(String(assertJson(answer)['content_uri'])) ?? [];
  assert.notEqual(mediaId, '', answer.body.toString());
  return parseMxcParts(origin, mediaId);
}

export function uploadPath({ origin, mediaId }: MxcUri): string {
  return `/_matrix/media/v3/upload/${origin}/${mediaId}`;
}

export function downloadPath({ origin, mediaId }: MxcUri): string {
  return `/_matrix/client/v1/media/download/${origin}/${mediaId}`;
}

export function thumbnailPath({ origin, mediaId }: MxcUri): string {
  return `/_matrix/client/v1/media/thumbnail/${origin}/${mediaId}`;
}

function toUpload({ type, name, headers }: UploadOptions): CallOptions {
  return {
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    ...(name === undefined ? {} : { query: { filename: name } }),
  };
}
