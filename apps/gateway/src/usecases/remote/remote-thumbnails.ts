import { isReason, MediaError } from '@medley/domain/media-error';
import { toMxcText, type MxcUri } from '@medley/domain/mxc-uri';
import { COMMON_STORE } from '@medley/domain/store-name';
import { snapSpec, type ThumbnailSpec } from '@medley/domain/thumbnail-spec';
import { orAbort } from '@medley/streams/abort';
import { SingleFlight } from '@medley/streams/single-flight';
import { LRUCache } from 'lru-cache';
import { toKey } from '../../cache/records.ts';
import type { Gateway } from '../../gateway.ts';
import { admitRemote } from '../../scanning/admit-content.ts';
import { getThumbnail, type Thumbnail, type ThumbnailAsking, type ThumbnailSource } from '../get-thumbnail.ts';
import type { Lookup } from '../find-media.ts';
import { fetchTimeoutMs } from './fill.ts';
import type { FetchFor } from './join-fill.ts';
import { openFetch, untilStored } from './open-fetch.ts';

const TOO_LARGE = 'The media is too large to be thumbnailed';
const UNKNOWN_TYPE = 'application/octet-stream';
const MAX_BYTES = 10 * 2 ** 20;
const MAX_KNOWN = 10_000;
/** Well before sweeps remove what no record names. */
const KNOWN_MS = 3_600_000;

/** Which bytes other servers' thumbnails are: they have no record, and are no copies of media. */
export class RemoteThumbnails {
  readonly #digests = new LRUCache<string, string>({ max: MAX_KNOWN, ttl: KNOWN_MS });
  readonly #flights = new SingleFlight<string>();

  has(uri: MxcUri, spec: ThumbnailSpec): boolean {
    return this.#digests.has(toName(uri, spec));
  }

  /** The digest of a thumbnail as it came, fetched by `fetch` if it is not known. */
  async get(uri: MxcUri, spec: ThumbnailSpec, fetch: () => Promise<string>): Promise<string> {
    const name = toName(uri, spec);
    const digest = this.#digests.get(name) ?? (await this.#flights.run(name, fetch));
    this.#digests.set(name, digest, { noUpdateTTL: true });
    return digest;
  }

  /** Its bytes are not there any more. */
  forget(uri: MxcUri, spec: ThumbnailSpec): void {
    this.#digests.delete(toName(uri, spec));
  }
}

function toName(uri: MxcUri, spec: ThumbnailSpec): string {
  const { width, height, method, animated } = snapSpec(spec);
  return `${toMxcText(uri)} ${width}x${height} ${method} ${animated}`;
}

/**
 * A thumbnail of media whose original is too large for us, made from the thumbnail that its own server has: nothing that
 * came from there is shown unchecked. Fails as FetchMedia does, with RATE_LIMITED, or with CANNOT_THUMBNAIL.
 */
export async function getRemoteThumbnail(gateway: Gateway, { uri, fetchFor }: Lookup, spec: ThumbnailSpec, asking: ThumbnailAsking): Promise<Thumbnail> {
  if (fetchFor === undefined) throw new MediaError('REMOTE_TOO_LARGE', TOO_LARGE);
  const { thumbnails } = gateway.remote;
  for (let isLastTry = false; ; isLastTry = true) {
    const digest = await orAbort(thumbnails.get(uri, spec, () => fetchThumbnail(gateway, { uri, spec, fetchFor })), asking.signal);
    try {
      return await thumbnailForeign(gateway, { content: { digest, store: COMMON_STORE } }, spec, asking);
    } catch (error) {
      if (isLastTry || !isReason(error, 'NOT_FOUND')) throw error;
    }
    thumbnails.forget(uri, spec);
  }
}

/** A thumbnail of what has come from another server: it is theirs if that is too large. */
export async function thumbnailForeign(gateway: Gateway, source: ThumbnailSource, spec: ThumbnailSpec, asking: ThumbnailAsking): Promise<Thumbnail> {
  try {
    return await getThumbnail(gateway, source, spec, asking);
  } catch (error) {
    if (isReason(error, 'TOO_LARGE')) throw new MediaError('REMOTE_TOO_LARGE', TOO_LARGE, { cause: error });
    throw error;
  }
}

interface ThumbnailWish {
  readonly uri: MxcUri;
  readonly spec: ThumbnailSpec;
  readonly fetchFor: FetchFor;
}

async function fetchThumbnail(gateway: Gateway, { uri, spec, fetchFor }: ThumbnailWish): Promise<string> {
  gateway.scanning.requireScanner();
  const { width, height, method, animated } = snapSpec(spec);
  const allowance = gateway.remote.allowances.open(fetchFor, uri.origin);
  const never = new AbortController().signal; // others may have joined
  const options = { signal: never, timeoutMs: fetchTimeoutMs(gateway, 0) };
  let hasBegun = false;
  try {
    await allowance.granted;
    const request = {
      ...toKey(uri), requester: fetchFor.tenant.serverName, waitMs: 0, maxBytes: Math.min(MAX_BYTES, allowance.maxBytes), thumbnail: { width, height, method, animated }, onlyJoins: false,
    };
    await gateway.remote.budget.open(never); // no record will name it, so it is not counted
    const stored = await gateway.services.fetchReplicas.use(toMxcText(uri), async (fetcher) => {
      const opened = await openFetch(fetcher, request, options);
      hasBegun = true;
      return untilStored(opened);
    }, never);
    allowance.settle(stored.sizeBytes);
    await admitRemote(gateway, uri, { ...stored, contentType: UNKNOWN_TYPE, uploadName: undefined, store: COMMON_STORE });
    return stored.digest;
  } catch (error) {
    if (!hasBegun) allowance.settle(0); // nothing has come
    const isForAllowance = isReason(error, 'REMOTE_TOO_LARGE') && allowance.maxBytes < MAX_BYTES;
    throw isForAllowance ? allowance.refusal(MAX_BYTES) : error;
  } finally {
    allowance.end();
  }
}
