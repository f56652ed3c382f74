import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import { isPlace } from '../domain/media-use.ts';
import type { RoomIndex } from '../ports/room-index.ts';
import { invalid, parseLimit } from './fields.ts';
import { toUseMessage } from './media-use-message.ts';

/** What a room uses, a page at a time. */
export function listRoomMedia(rooms: RoomIndex): MetadataServiceImplementation['listRoomMedia'] {
  return async ({ roomId, limit, after }, { signal }) => {
    if (after !== undefined && !isPlace(after)) throw invalid('after is not the end of a page');
    const { uses, next } = await rooms.listRoom({ roomId, limit: parseLimit(limit), after }, signal);
    return { uses: uses.map(toUseMessage), next };
  };
}
