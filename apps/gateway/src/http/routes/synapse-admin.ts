import { deleteMediaByDateSize } from '../synapse-admin/delete-media-by-date-size.ts';
import { deleteMediaById } from '../synapse-admin/delete-media-by-id.ts';
import { deleteUserMedia } from '../synapse-admin/delete-user-media.ts';
import { listMediaInRoom } from '../synapse-admin/list-media-in-room.ts';
import { listQuarantineChanges } from '../synapse-admin/list-quarantine-changes.ts';
import { listUserMediaStatistics } from '../synapse-admin/list-user-media-statistics.ts';
import { listUserMedia } from '../synapse-admin/list-user-media.ts';
import { protectMedia, unprotectMedia } from '../synapse-admin/protect-media.ts';
import { purgeMediaCache } from '../synapse-admin/purge-media-cache.ts';
import { quarantineMediaById, unquarantineMediaById } from '../synapse-admin/quarantine-media-by-id.ts';
import { quarantineMediaByUser } from '../synapse-admin/quarantine-media-by-user.ts';
import { quarantineMediaInRoom } from '../synapse-admin/quarantine-media-in-room.ts';
import { queryMediaById } from '../synapse-admin/query-media-by-id.ts';
import type { Route } from './route.ts';

const V1 = '/_synapse/admin/v1';
const ONE_MEDIA = `${V1}/media/:serverName/:mediaId`;
const caller = 'admin';
const limit = 'admin';

/** Synapse's admin API, as far as it is about media, in Synapse's order: `/media/{serverName}/delete` hides a media id called `delete`. */
export const SYNAPSE_ADMIN_ROUTES: readonly Route[] = [
  { operation: 'purgeMediaCache', method: 'POST', paths: [`${V1}/purge_media_cache`], caller, limit, handle: purgeMediaCache },
  {
    operation: 'quarantineMediaInRoom',
    method: 'POST',
    paths: [`${V1}/room/:roomId/media/quarantine`, `${V1}/quarantine_media/:roomId`],
    caller,
    limit,
    handle: quarantineMediaInRoom,
  },
  { operation: 'quarantineMediaById', method: 'POST', paths: [`${V1}/media/quarantine/:serverName/:mediaId`], caller, limit, handle: quarantineMediaById },
  { operation: 'unquarantineMediaById', method: 'POST', paths: [`${V1}/media/unquarantine/:serverName/:mediaId`], caller, limit, handle: unquarantineMediaById },
  { operation: 'quarantineMediaByUser', method: 'POST', paths: [`${V1}/user/:userId/media/quarantine`], caller, limit, handle: quarantineMediaByUser },
  { operation: 'protectMedia', method: 'POST', paths: [`${V1}/media/protect/:mediaId`], caller, limit, handle: protectMedia },
  { operation: 'unprotectMedia', method: 'POST', paths: [`${V1}/media/unprotect/:mediaId`], caller, limit, handle: unprotectMedia },
  { operation: 'listQuarantineChanges', method: 'GET', paths: [`${V1}/media/quarantine_changes`], caller, limit, handle: listQuarantineChanges },
  { operation: 'listMediaInRoom', method: 'GET', paths: [`${V1}/room/:roomId/media`], caller, limit, handle: listMediaInRoom },
  {
    operation: 'deleteMediaByDateSize',
    method: 'POST',
    paths: [`${V1}/media/delete`, `${V1}/media/:serverName/delete`],
    caller,
    limit,
    handle: deleteMediaByDateSize,
  },
  { operation: 'deleteMediaById', method: 'DELETE', paths: [ONE_MEDIA], caller, limit, handle: deleteMediaById },
  { operation: 'queryMediaById', method: 'GET', paths: [ONE_MEDIA], caller, limit, handle: queryMediaById },
  { operation: 'listUserMedia', method: 'GET', paths: [`${V1}/users/:userId/media`], caller, limit, handle: listUserMedia },
  { operation: 'deleteUserMedia', method: 'DELETE', paths: [`${V1}/users/:userId/media`], caller, limit, handle: deleteUserMedia },
  { operation: 'listUserMediaStatistics', method: 'GET', paths: [`${V1}/statistics/users/media`], caller, limit, handle: listUserMediaStatistics },
];
