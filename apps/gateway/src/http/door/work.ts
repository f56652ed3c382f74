import type { IncomingMessage } from 'node:http';

/** What requests cost, as far as their first line tells. */
export const WORKS = ['thumbnail', 'preview', 'upload', 'remote', 'download', 'other'] as const;
export type Work = (typeof WORKS)[number];

const MEDIA = /^\/_matrix\/(?:client\/v1\/media|media\/(?:v3|r0|v1)|federation\/v1\/media)\/(thumbnail|preview_url|upload|download)(?:\/([^/?]*))?/;

/** The kind of work that a request asks for; what nobody else does (admins, other services, preflights) is `other`. */
export function workOf({ method, url = '' }: IncomingMessage, isLocal: (origin: string) => boolean): Work {
  if (method === 'OPTIONS') return 'other';
  const [, action, origin = ''] = MEDIA.exec(url) ?? [];
  switch (action) {
    case 'thumbnail':
    case 'upload':
      return action;
    case 'preview_url':
      return 'preview';
    case 'download':
      return url.startsWith('/_matrix/federation/') || isLocal(origin) ? 'download' : 'remote';
    default:
      return 'other';
  }
}
