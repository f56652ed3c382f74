import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { after } from 'node:test';
import { parseMxcParts, type MxcUri } from '@medley/domain/mxc-uri';
import { FakeRemote, type RemoteMedia, type RemoteScript } from '@medley/testing/fake-remote';
import { REMOTE_AUTHORITY } from '@medley/testing/fake-remote-certificates';
import { exchange, type Exchange } from '../harness/exchange.ts';
import { send, type CallOptions } from '../harness/http-call.ts';
import { downloadPath, type MediaUser } from '../harness/media-user.ts';
import type { Config, Site } from '../harness/site.ts';

/** The configuration that lets a Medley ask the remotes of tests. */
export const REMOTE_CONFIG: Config = {
  federation: { ca: REMOTE_AUTHORITY, allowed_networks: ['127.0.0.1/32', '127.77.0.1/32'], timeout: '5s', stall_timeout: '5s', not_found_lifetime: '100ms' },
  downloads: { max_remote_bytes: '8M', max_wait: '5s' },
  thumbnails: { max_source_bytes: '1M' },
};

/** A Medley and another server. */
export interface RemoteScene {
  readonly site: Site;
  readonly user: MediaUser;
  readonly remote: FakeRemote;
}

/** Starts another server beside a site; it ends with the tests of the file. */
export async function startScene(site: Site): Promise<RemoteScene> {
  const remote = await FakeRemote.start();
  after(() => remote[Symbol.asyncDispose]());
  return { site, user: site.user(), remote };
}

let count = 0;

/** Gives a remote media of a new name. */
export function offer({ remote }: RemoteScene, media: RemoteMedia | RemoteScript): MxcUri {
  count += 1;
  const mediaId = `media${count}`;
  remote.media.set(mediaId, media);
  return parseMxcParts(remote.serverName, mediaId);
}

/** How often a remote was asked for a media, or its thumbnail. */
export function requestCount({ remote }: RemoteScene, { mediaId }: MxcUri): number {
  return remote.requests.filter(({ uri }) => uri.split('?')[0]?.endsWith(`/${mediaId}`)).length;
}

/** Downloads as a user; never throws for what a server can do. */
export function download({ site, user }: RemoteScene, uri: MxcUri, options: CallOptions = {}): Promise<Exchange> {
  return exchange({ port: site.ports.http, agent: site.agent }, downloadPath(uri), { token: user.account.token, ...options });
}

/** The same, as soon as the answer begins. */
export function beginDownload({ site, user }: RemoteScene, uri: MxcUri, options: CallOptions = {}): Promise<IncomingMessage> {
  return send({ port: site.ports.http, agent: site.agent }, downloadPath(uri), { token: user.account.token, ...options });
}

/** Reads an answer until so many bytes have come. */
export async function readBytes(answer: IncomingMessage, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of answer.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.byteLength;
    if (sizeBytes >= count) break;
  }
  return Buffer.concat(chunks);
}

/** A file of which no part is like another. */
export function largeFile(sizeBytes = 2_000_000): Buffer {
  return randomBytes(sizeBytes);
}
