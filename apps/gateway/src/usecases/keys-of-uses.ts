import type { MediaKey } from '@medley/proto/metadata/media';
import { MediaUseKind, type MediaUse } from '@medley/proto/metadata/rooms';

/** The media that a room uses; without the avatars of its members, if so asked, who bring them to every room they are in. */
export function keysOfUses(uses: readonly MediaUse[], withoutMembers: boolean): MediaKey[] {
  const wanted = uses.filter(({ kind }) => !withoutMembers || kind !== MediaUseKind.MEMBER_AVATAR);
  return wanted.flatMap(({ key }) => key ?? []);
}
