import { createContent } from '../client/create-content.ts';
import { getConfig } from '../client/get-config.ts';
import { getContentThumbnail, getContentThumbnailLegacy } from '../client/get-content-thumbnail.ts';
import { getContent, getContentLegacy } from '../client/get-content.ts';
import { getUrlPreview } from '../client/get-url-preview.ts';
import { uploadContentToMxc } from '../client/upload-content-to-mxc.ts';
import { uploadContent } from '../client/upload-content.ts';
import { deleteContent } from '../own-media/delete-content.ts';
import { getInfo } from '../own-media/get-info.ts';
import { getMsc4034Usage } from '../own-media/get-msc4034-usage.ts';
import type { Route } from './route.ts';

const CLIENT = '/_matrix/client/v1/media';
const LEGACY = ['/_matrix/media/v3', '/_matrix/media/r0', '/_matrix/media/v1'];
const UNSTABLE = '/_matrix/media/unstable';
const MEDIA = '/:serverName/:mediaId';

function legacy(path: string): string[] {
  return LEGACY.map((prefix) => `${prefix}${path}`);
}

/** What users' clients call. */
export const CLIENT_ROUTES: readonly Route[] = [
  { operation: 'uploadContent', method: 'POST', paths: legacy('/upload'), caller: 'user', suspended: 'refused', limit: 'upload', handle: uploadContent },
  { operation: 'createContent', method: 'POST', paths: ['/_matrix/media/v1/create'], caller: 'user', suspended: 'refused', limit: 'create', handle: createContent },
  { operation: 'uploadContentToMXC', method: 'PUT', paths: [`/_matrix/media/v3/upload${MEDIA}`], caller: 'user', suspended: 'refused', limit: 'upload', handle: uploadContentToMxc },
  { operation: 'getConfigAuthed', method: 'GET', paths: [`${CLIENT}/config`], caller: 'user', limit: 'other', handle: getConfig },
  { operation: 'getConfig', method: 'GET', paths: legacy('/config'), caller: 'user', limit: 'other', handle: getConfig },
  { operation: 'getUrlPreviewAuthed', method: 'GET', paths: [`${CLIENT}/preview_url`], caller: 'user', limit: 'preview', handle: getUrlPreview },
  { operation: 'getUrlPreview', method: 'GET', paths: legacy('/preview_url'), caller: 'user', limit: 'preview', handle: getUrlPreview },
  {
    operation: 'getContentAuthed',
    method: 'GET',
    paths: [`${CLIENT}/download${MEDIA}`, `${CLIENT}/download${MEDIA}/:fileName`],
    caller: 'guest',
    limit: 'download',
    handle: getContent,
  },
  {
    operation: 'getContent',
    method: 'GET',
    paths: [...legacy(`/download${MEDIA}`), ...legacy(`/download${MEDIA}/:fileName`)],
    caller: 'anyone',
    limit: 'download',
    handle: getContentLegacy,
  },
  {
    operation: 'getContentThumbnailAuthed',
    method: 'GET',
    paths: [`${CLIENT}/thumbnail${MEDIA}`],
    caller: 'guest',
    limit: 'thumbnail',
    handle: getContentThumbnail,
  },
  {
    operation: 'getContentThumbnail',
    method: 'GET',
    paths: legacy(`/thumbnail${MEDIA}`),
    caller: 'anyone',
    limit: 'thumbnail',
    handle: getContentThumbnailLegacy,
  },
  { operation: 'getMediaInfoMsc2380', method: 'GET', paths: [`${UNSTABLE}/info${MEDIA}`], caller: 'guest', limit: 'download', handle: getInfo },
  { operation: 'deleteMediaMsc2278', method: 'DELETE', paths: [`${UNSTABLE}/download${MEDIA}`], caller: 'user', limit: 'other', handle: deleteContent },
  { operation: 'getUsageMsc4034', method: 'GET', paths: [`${UNSTABLE}/org.matrix.msc4034/usage`], caller: 'user', limit: 'other', handle: getMsc4034Usage },
];
