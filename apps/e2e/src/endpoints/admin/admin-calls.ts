import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { parseMxcParts, toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import type { MediaKey } from '@medley/proto/metadata/media';
import { assertError, assertJson } from '../../harness/expect.ts';
import type { Answer, Query } from '../../harness/http-call.ts';
import type { MediaUser } from '../../harness/media-user.ts';
import type { Site } from '../../harness/site.ts';
import { withMetadata } from '../../maintenance/stores.ts';

export const ADMIN = '/_synapse/admin/v1';
/** An origin that is none of ours. */
export const ELSEWHERE = 'elsewhere.example';

/** Somebody whom the homeserver calls an admin. */
export function newAdmin(site: Site): MediaUser {
  return site.user(site.homeserver.addAdmin());
}

/** A call whose answer is a JSON object. */
export async function ask(admin: MediaUser, method: string, path: string, query: Query = {}): Promise<Readonly<Record<string, unknown>>> {
  return assertJson(await admin.call(`${ADMIN}${path}`, { method, query }));
}

/** Fails unless the answer is just this Matrix error, word by word. */
export function assertRefusal(answer: Answer, status: number, errcode: string, error: string): void {
  assert.deepEqual(assertError(answer, status, errcode), { errcode, error });
}

export function byId({ origin, mediaId }: MediaKey, action = ''): string {
  return `/media/${action}${origin}/${mediaId}`;
}

/** `media_info` of one media. */
export async function infoOf(admin: MediaUser, key: MediaKey): Promise<Readonly<Record<string, unknown>>> {
  const { media_info: info, ...rest } = await ask(admin, 'GET', byId(key));
  assert.deepEqual(rest, {});
  return info as Readonly<Record<string, unknown>>;
}

/** What a copy of another server's media that has the bytes of `source` will be called. */
export function remoteNameOf(source: MxcUri, origin = ELSEWHERE): MxcUri {
  return parseMxcParts(origin, `remote${createHash('sha256').update(toMxcText(source)).digest('hex').slice(0, 16)}`);
}

/** Records a copy of another server's media that has the bytes of `source`, as if it had been fetched. */
export async function recordRemote(site: Site, source: MxcUri, origin = ELSEWHERE): Promise<MxcUri> {
  const key = remoteNameOf(source, origin);
  await withMetadata(site, async (rpc) => {
    const { results } = await rpc.batchGetMedia({ keys: [{ ...source }] });
    await rpc.recordRemoteMedia({ key: { ...key }, content: results[0]?.record?.content });
  });
  return key;
}

/** Says when media was asked for the last time, in Unix milliseconds. */
export function markAccessed(site: Site, key: MxcUri, atMs: number): Promise<unknown> {
  return withMetadata(site, (rpc) => rpc.markAccessed({ accesses: [{ key: { ...key }, atMs }] }));
}

export function idsOf(uris: readonly MxcUri[]): string[] {
  return uris.map(({ mediaId }) => mediaId);
}
