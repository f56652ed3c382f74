import type { MetadataServiceImplementation } from '@medley/proto/metadata';
import type { RoomIndex } from '../ports/room-index.ts';
import { invalid, parseKeys, requireFew } from './fields.ts';
import { parseUseKind, toUseMessage } from './media-use-message.ts';

const MAX_LIMIT_EACH = 100;

/** Where media is used. */
export function listMediaUses(rooms: RoomIndex): MetadataServiceImplementation['listMediaUses'] {
  return async ({ keys, kinds, limitEach }, { signal }) => {
    requireFew('keys', keys.length);
    if (limitEach < 1 || limitEach > MAX_LIMIT_EACH) throw invalid(`limit_each must be from 1 to ${MAX_LIMIT_EACH}`);
    const uses = await rooms.listUses({ uris: parseKeys(keys), kinds: kinds.map(parseUseKind), limitEach }, signal);
    return { uses: uses.map(toUseMessage) };
  };
}
