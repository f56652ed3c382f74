import { setTimeout as sleep } from 'node:timers/promises';
import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { orAbort } from '@medley/streams/abort';
import type { Gateway } from '../../gateway.ts';
import type { Tenant } from '../../tenants.ts';
import type { Fill } from './fill.ts';

/** For whom remote media is fetched. */
export interface FetchFor {
  /** Whose name the request to the other server bears. */
  readonly tenant: Tenant;
  /** Whose allowance it takes from: a user id, or an address. */
  readonly asker: string;
  readonly maxBytes: number;
}

/** Somebody's wish for media that is not here. */
export interface FillWish {
  readonly uri: MxcUri;
  readonly fetchFor: FetchFor;
  /** How long the other server may wait for an upload, in milliseconds. */
  readonly waitMs: number;
  /** The digest of a record whose bytes are lost. */
  readonly lostDigest?: string | undefined;
  /** One that was under way when it was looked whether the media is here: it may have ended since. */
  readonly underWay?: Fill | undefined;
}

/** Less is not worth asking another server again for. */
const WAIT_TOLERANCE_MS = 500;
/** How many fills of others, who wanted less, are given a chance. */
const MAX_JOINS = 3;

/**
 * What `wait` makes of the fill under way for a media, or of a new one. A fill that somebody else began, and that failed
 * because he may have less or waits for less, is not the last word. Fails as that does, with RATE_LIMITED, or with the signal's reason.
 */
export async function joinFill<Value>(gateway: Gateway, wish: FillWish, wait: (fill: Fill) => Promise<Value>, signal: AbortSignal): Promise<Value> {
  const waitsUntil = performance.now() + wish.waitMs;
  let fill = gateway.remote.fills.get(wish.uri) ?? wish.underWay;
  for (let joined = 0; fill !== undefined && joined < MAX_JOINS; joined += 1) {
    try {
      await notForLonger(gateway, fill, waitsUntil, signal);
      return await orAbort(wait(fill), signal);
    } catch (error) {
      if (!isOthersLimit(error, fill, { maxBytes: wish.fetchFor.maxBytes, waitsUntil })) throw error;
    }
    fill = gateway.remote.fills.get(wish.uri);
  }
  return orAbort(wait(begin(gateway, wish, waitsUntil)), signal);
}

function begin(gateway: Gateway, { uri, fetchFor, lostDigest }: FillWish, waitsUntil: number): Fill {
  const { tenant, maxBytes } = fetchFor;
  const allowance = gateway.remote.allowances.open(fetchFor, uri.origin);
  const waitMs = Math.max(0, Math.ceil(waitsUntil - performance.now()));
  return gateway.remote.fills.start(gateway, { uri, requester: tenant.serverName, waitMs, maxBytes, allowance, lostDigest });
}

/** Whoever began may let the other server wait for longer than this one has time. */
async function notForLonger({ config }: Gateway, fill: Fill, waitsUntil: number, signal: AbortSignal): Promise<void> {
  if (fill.waitsUntil <= waitsUntil + WAIT_TOLERANCE_MS) return;
  using leaving = new Leaving();
  const limitMs = Math.max(0, waitsUntil - performance.now()) + config.federation.timeout;
  const late = sleep(limitMs, undefined, { signal: leaving.signal }).then(() => Promise.reject(new MediaError('NOT_YET_UPLOADED', 'Media has not been uploaded yet')));
  late.catch(() => {});
  await orAbort(Promise.race([fill.arrival, late]), signal);
}

/** Aborts when it is disposed of. */
class Leaving implements Disposable {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}

interface Limits {
  readonly maxBytes: number;
  readonly waitsUntil: number;
}

function isOthersLimit(error: unknown, fill: Fill, { maxBytes, waitsUntil }: Limits): boolean {
  if (!(error instanceof MediaError)) return false;
  switch (error.reason) {
    case 'RATE_LIMITED':
      return true;
    case 'REMOTE_TOO_LARGE':
      return fill.maxBytes < maxBytes;
    case 'NOT_YET_UPLOADED':
      return fill.waitsUntil + WAIT_TOLERANCE_MS < waitsUntil;
    default:
      return false;
  }
}
