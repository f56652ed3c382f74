import { federationGetContent } from '../federation/federation-get-content.ts';
import { federationGetThumbnail } from '../federation/federation-get-thumbnail.ts';
import type { Route } from './route.ts';

const MEDIA = '/_matrix/federation/v1/media';

/** What other Matrix servers call. */
export const FEDERATION_ROUTES: readonly Route[] = [
  { operation: 'getContentOverFederation', method: 'GET', paths: [`${MEDIA}/download/:mediaId`], caller: 'server', limit: 'federation', handle: federationGetContent },
  {
    operation: 'getContentThumbnailOverFederation',
    method: 'GET',
    paths: [`${MEDIA}/thumbnail/:mediaId`],
    caller: 'server',
    limit: 'federation',
    handle: federationGetThumbnail,
  },
];
