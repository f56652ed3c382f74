import { toMxcText } from '@medley/domain/mxc-uri';
import type { MediaKey } from '@medley/proto/metadata/media';
import { MediaUseKind } from '@medley/proto/metadata/rooms';
import type { JobContext } from './job.ts';

const AVATARS = [MediaUseKind.ROOM_AVATAR, MediaUseKind.MEMBER_AVATAR];

/** Which of at most 1000 media are now the avatar of a room or of a member, as far as the room index knows: their mxc URIs. */
export async function findAvatars(metadata: Pick<JobContext['metadata'], 'listMediaUses'>, keys: MediaKey[], signal: AbortSignal): Promise<Set<string>> {
  const { uses } = await metadata.listMediaUses({ keys, kinds: AVATARS, limitEach: 1 }, { signal });
  return new Set(uses.flatMap(({ key }) => (key === undefined ? [] : [toMxcText(key)])));
}
