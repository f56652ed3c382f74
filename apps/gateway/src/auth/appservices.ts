import { hash, timingSafeEqual } from 'node:crypto';
import { compileNamespace, type AppserviceConfig } from '@medley/config/appservices';
import { MediaError } from '@medley/domain/media-error';
import type { ServerName } from '@medley/domain/server-name';
import { serverOfUser } from '@medley/domain/user-id';
import type { Requester, RequestingAppservice } from './requester.ts';
import type { Masquerade } from './whoami.ts';

/** An application service of a homeserver, by its registration. */
export interface Appservice extends RequestingAppservice {
  readonly tokenDigest: Buffer;
  /** Who it is when it acts for nobody. */
  readonly senderId: string;
  readonly serverName: ServerName;
  /** Whom it may act for. */
  readonly users: readonly RegExp[];
}

/** The longest user id that Matrix has. */
const MAX_USER_ID_BYTES = 255;

export function toAppservice({ id, as_token, sender_localpart, namespaces, rate_limited }: AppserviceConfig, serverName: ServerName): Appservice {
  return {
    id,
    isRateLimited: rate_limited ?? true,
    tokenDigest: hash('sha256', as_token, 'buffer'),
    senderId: `@${sender_localpart}:${serverName}`,
    serverName,
    users: (namespaces.users ?? []).map(({ regex }) => compileNamespace(regex)),
  };
}

/** The one whose token this is. Compared as hashes, so that the time taken tells nothing about the token. */
export function findAppservice(appservices: readonly Appservice[], token: string): Appservice | undefined {
  const digest = hash('sha256', token, 'buffer');
  return appservices.find(({ tokenDigest }) => timingSafeEqual(tokenDigest, digest));
}

/**
 * Who asks with an appservice's token: its sender, or the user of its homeserver in its namespaces that it names (Application Service API,
 * “Identity assertion”). Whether it has registered that user only the homeserver knows. Throws FORBIDDEN.
 */
export function actAs(appservice: Appservice, { userId = appservice.senderId, deviceId }: Masquerade): Requester {
  if (!mayActAs(appservice, userId)) throw new MediaError('FORBIDDEN', 'Application service cannot masquerade as this user.');
  const { id, isRateLimited } = appservice;
  return { userId, isGuest: false, isAdmin: false, ...(deviceId !== undefined && { deviceId }), appservice: { id, isRateLimited } };
}

function mayActAs({ senderId, serverName, users }: Appservice, userId: string): boolean {
  if (userId === senderId) return true;
  if (serverOfUser(userId) !== serverName || Buffer.byteLength(userId) > MAX_USER_ID_BYTES) return false;
  return users.some((namespace) => namespace.test(userId));
}
