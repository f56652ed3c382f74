import { MediaUseKind, type MediaUse as MediaUseMessage } from '@medley/proto/metadata/rooms';
import type { MediaUse, UseKind } from '../domain/media-use.ts';
import { invalid } from './fields.ts';

const TO_MESSAGE = {
  event: MediaUseKind.EVENT,
  'room-avatar': MediaUseKind.ROOM_AVATAR,
  'member-avatar': MediaUseKind.MEMBER_AVATAR,
  pack: MediaUseKind.PACK,
} as const satisfies Record<UseKind, MediaUseKind>;

/** A use as callers see it. */
export function toUseMessage({ uri, roomId, eventId, kind, sender, at }: MediaUse): MediaUseMessage {
  return { key: { ...uri }, roomId, eventId, kind: TO_MESSAGE[kind], sender, atMs: at };
}

/** Reads a kind of use. Throws INVALID_PARAM. */
export function parseUseKind(kind: MediaUseKind): UseKind {
  switch (kind) {
    case MediaUseKind.EVENT: return 'event';
    case MediaUseKind.ROOM_AVATAR: return 'room-avatar';
    case MediaUseKind.MEMBER_AVATAR: return 'member-avatar';
    case MediaUseKind.PACK: return 'pack';
    default: throw invalid('kinds has one that does not exist');
  }
}
