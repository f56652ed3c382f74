import { MediaError } from '@medley/domain/media-error';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { kindOf } from '@medley/maintenance/matches';
import { MediaKind, type MediaRecord } from '@medley/proto/metadata/media';
import { isAdmin } from '../auth/admin.ts';
import type { Gateway } from '../gateway.ts';
import type { AuthenticatedExchange } from '../http/exchange.ts';
import { moderate } from './moderate.ts';
import { findRecords } from './selection/list-selected.ts';
import { isVisibleTo } from './selection/visibility.ts';
import { notFound } from './visibility.ts';

/**
 * Deletes media for the user who has uploaded it, or for an admin of the tenant, as admins delete it: into the trash, where
 * there is one. Users find no quarantined media. Fails with NOT_FOUND, and with FORBIDDEN for what is somebody else's, or
 * protected.
 */
export async function deleteOwnMedia(gateway: Gateway, exchange: AuthenticatedExchange, uri: MxcUri): Promise<void> {
  const { requester, signal } = exchange;
  const [record] = await findRecords(gateway, [uri], signal);
  await requireDeletable(gateway, exchange, record);
  const deleted = await moderate(gateway, { action: 'delete', keys: [uri], by: requester.userId, reason: undefined }, signal);
  if (deleted.size === 0) throw notFound();
}

async function requireDeletable(gateway: Gateway, exchange: AuthenticatedExchange, record: MediaRecord | undefined): Promise<void> {
  if (record === undefined) throw notFound();
  const { tenant, requester } = exchange;
  const { key, quarantine, protected: isProtected } = record;
  const isOwn = record.userId === requester.userId && key?.origin === tenant.serverName && kindOf(record) === MediaKind.LOCAL;
  if (isOwn && quarantine === undefined && !isProtected) return;
  const mayAll = await isAdmin(gateway, exchange);
  const isVisible = isVisibleTo(gateway, mayAll ? gateway.tenants.asSeenBy(tenant, requester.userId) : tenant, key);
  if (!isVisible || (quarantine !== undefined && !mayAll)) throw notFound();
  if (!mayAll) throw new MediaError('FORBIDDEN', isOwn ? 'This media is protected' : 'Only who has uploaded a media may delete it');
}
