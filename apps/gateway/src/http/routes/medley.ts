import { banDigest, banMedia, liftDigestBan, liftMediaBan, listBans } from '../medley/bans.ts';
import { checkServer } from '../medley/check-server.ts';
import { explainUrl } from '../medley/explain-url.ts';
import { getAudit } from '../medley/get-audit.ts';
import { getMediaInfo } from '../medley/get-media-info.ts';
import { getMedia } from '../medley/get-media.ts';
import { getPolicy } from '../medley/get-policy.ts';
import { getTrash } from '../medley/get-trash.ts';
import { getUsage } from '../medley/get-usage.ts';
import { cancelJob, createJob, getJob, listJobs } from '../medley/jobs.ts';
import { deleteMedia, protectMedia, quarantineMedia, releaseMedia, restoreMedia, unprotectMedia } from '../medley/moderate-media.ts';
import { previewRetention } from '../medley/preview-retention.ts';
import { listQuarantined, searchMedia } from '../medley/search-media.ts';
import { getMyUsage } from '../own-media/get-my-usage.ts';
import { listMyMedia } from '../own-media/list-my-media.ts';
import type { Route } from './route.ts';

const API = '/_medley/v1';
const MEDIA = '/media/:serverName/:mediaId';

type Operation = [operation: string, method: Route['method'], path: string, handle: (Route & { readonly caller: 'admin' })['handle']];

/** For admins; described in docs/reference/openapi.yaml. */
const ADMIN_OPERATIONS: readonly Operation[] = [
  ['medleySearchMedia', 'GET', '/media', searchMedia],
  ['medleyGetMedia', 'GET', MEDIA, getMedia],
  ['medleyDeleteMedia', 'DELETE', MEDIA, deleteMedia],
  ['medleyQuarantineMedia', 'POST', `${MEDIA}/quarantine`, quarantineMedia],
  ['medleyReleaseMedia', 'POST', `${MEDIA}/release`, releaseMedia],
  ['medleyProtectMedia', 'POST', `${MEDIA}/protect`, protectMedia],
  ['medleyUnprotectMedia', 'POST', `${MEDIA}/unprotect`, unprotectMedia],
  ['medleyRestoreMedia', 'POST', `${MEDIA}/restore`, restoreMedia],
  ['medleyListQuarantined', 'GET', '/quarantined', listQuarantined],
  ['medleyListBans', 'GET', '/bans', listBans],
  ['medleyBanDigest', 'PUT', '/bans/:digest', banDigest],
  ['medleyLiftDigestBan', 'DELETE', '/bans/:digest', liftDigestBan],
  ['medleyBanMedia', 'PUT', '/bans/:serverName/:mediaId', banMedia],
  ['medleyLiftMediaBan', 'DELETE', '/bans/:serverName/:mediaId', liftMediaBan],
  ['medleyGetTrash', 'GET', '/trash', getTrash],
  ['medleyGetAudit', 'GET', '/audit', getAudit],
  ['medleyGetUsage', 'GET', '/usage', getUsage],
  ['medleyGetPolicy', 'GET', '/policy/:userId', getPolicy],
  ['medleyPreviewRetention', 'GET', '/retention/preview', previewRetention],
  ['medleyCreateJob', 'POST', '/jobs', createJob],
  ['medleyListJobs', 'GET', '/jobs', listJobs],
  ['medleyGetJob', 'GET', '/jobs/:jobId', getJob],
  ['medleyCancelJob', 'DELETE', '/jobs/:jobId', cancelJob],
  ['medleyExplainUrl', 'GET', '/url_preview/explain', explainUrl],
  ['medleyCheckServer', 'GET', '/federation/check/:serverName', checkServer],
];

/** Medley's own API. */
export const MEDLEY_ROUTES: readonly Route[] = [
  { operation: 'getMediaInfo', method: 'GET', paths: [`${API}${MEDIA}/info`], caller: 'guest', limit: 'download', handle: getMediaInfo },
  { operation: 'medleyListMyMedia', method: 'GET', paths: [`${API}/me/media`], caller: 'user', limit: 'other', handle: listMyMedia },
  { operation: 'medleyGetMyUsage', method: 'GET', paths: [`${API}/me/usage`], caller: 'user', limit: 'other', handle: getMyUsage },
  ...ADMIN_OPERATIONS.map(([operation, method, path, handle]): Route => ({ operation, method, paths: [`${API}${path}`], caller: 'admin', limit: 'admin', handle })),
];
