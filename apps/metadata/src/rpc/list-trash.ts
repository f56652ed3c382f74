import { parseMxcParts } from '@medley/domain/mxc-uri';
import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { TrashedMedia as TrashedMessage } from '@medley/proto/metadata/moderation';
import type { Trashed } from '../domain/standing.ts';
import type { Trash, TrashPlace } from '../ports/trash.ts';
import { invalid, parseLimit } from './fields.ts';
import { toMessage } from './to-message.ts';

/** Lists what is in the trash, in the order in which it leaves. */
export function listTrash(trash: Trash): MetadataServiceImplementation['listTrash'] {
  return async ({ after, limit }, { signal }) => {
    const { media, next } = await trash.list(after === undefined ? undefined : parsePlace(after), parseLimit(limit), signal);
    return { media: media.map(toTrashedMessage), next: next && toPlaceText(next) };
  };
}

function toTrashedMessage({ record, deletion: { by, at, reason }, purgeAt }: Trashed): TrashedMessage {
  return { record: toMessage(record), deletedBy: by, deletedAtMs: at, reason, purgeAtMs: purgeAt };
}

function toPlaceText({ purgeAt, uri }: TrashPlace): string {
  return `${purgeAt}/${uri.origin}/${uri.mediaId}`;
}

const PLACE = /^(?<purgeAt>\d{1,15})\/(?<origin>[^/]+)\/(?<mediaId>[^/]+)$/;

function parsePlace(text: string): TrashPlace {
  const { purgeAt = '', origin = '', mediaId = '' } = PLACE.exec(text)?.groups ?? {};
  if (purgeAt === '') throw invalid('after is not the next of a page of the trash');
  return { purgeAt: Number(purgeAt), uri: parseMxcParts(origin, mediaId) };
}
