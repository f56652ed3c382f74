import { MediaError } from '@medley/domain/media-error';
import type { ServerName } from '@medley/domain/server-name';
import { KEY_ID, parsePublicKey } from '@medley/matrix/public-key';
import type { JsonObject } from '@medley/matrix/sign-json';
import { isSignedBy } from '@medley/matrix/verify-json';
import { toObject } from '../parse-object.ts';

/** Public keys by their ids, 32 bytes each. */
export type PublicKeys = ReadonlyMap<string, Uint8Array>;

/** Keys that a server signs its requests with. */
export interface CheckedKeys {
  readonly keys: PublicKeys;
  /** Unix milliseconds. */
  readonly validUntil: number;
}

const MAX_KEYS = 64;
const MAX_VALID_MS = 7 * 24 * 3_600_000;

/**
 * Checks what is said to be the keys of a server (server-server API, “Publishing Keys”): that they are of this server, valid
 * at `now`, and signed by one of them. Only `verify_keys` count: the old ones sign nothing any more. Throws FETCH_FAILED.
 */
export function checkServerKeys(answer: JsonObject, server: ServerName, now: number): CheckedKeys {
  if (answer['server_name'] !== server) throw keysRefused('they are keys of another server');
  const until = answer['valid_until_ts'];
  if (typeof until !== 'number' || !Number.isSafeInteger(until)) throw keysRefused('valid_until_ts is missing');
  if (until <= now) throw keysRefused(`they have expired at ${new Date(Math.max(0, until)).toISOString()}`);
  const keys = readKeys(answer['verify_keys']);
  if (keys.size === 0) throw keysRefused('there is no ed25519 key that can be trusted');
  if (!isSignedByOne(answer, server, keys)) throw keysRefused('they are not signed by one of them');
  return { keys, validUntil: Math.min(until, now + MAX_VALID_MS) };
}

/** Whether an object bears a good signature in the name of `server` by one of its keys. */
export function isSignedByOne(object: JsonObject, server: string, keys: PublicKeys): boolean {
  const signatures = toObject(toObject(object['signatures'])?.[server]) ?? {};
  return [...keys].some(([keyId, key]) => {
    const signature = signatures[keyId];
    return typeof signature === 'string' && isSignedBy(object, signature, key);
  });
}

function readKeys(value: unknown): PublicKeys {
  const entries = Object.entries(toObject(value) ?? {});
  if (entries.length > MAX_KEYS) throw keysRefused(`there are more than ${MAX_KEYS} keys`);
  return new Map(entries.flatMap(([keyId, entry]) => {
    const text = toObject(entry)?.['key'];
    const key = KEY_ID.test(keyId) && typeof text === 'string' ? parsePublicKey(text) : undefined;
    return key === undefined ? [] : [[keyId, key] as const];
  }));
}

/** What strangers hear of keys that could not be had; `why` is for operators. */
export function keysRefused(why: string): MediaError {
  return new MediaError('FETCH_FAILED', 'The keys of the server could not be fetched', { cause: new Error(why) });
}
