import { toMxcText } from '@medley/domain/mxc-uri';
import type { MediaKey } from '@medley/proto/metadata/media';
import { LRUCache } from 'lru-cache';
import type { Gateway } from '../gateway.ts';
import type { Services } from '../services.ts';
import type { Tenant } from '../tenants.ts';
import { homeserverRoomMedia } from './homeserver-room-media.ts';
import { keysOfUses } from './keys-of-uses.ts';

/** What rooms' media is looked up with. */
export interface RoomMediaSources {
  readonly services: Pick<Services, 'metadata'>;
  readonly log: Gateway['log'];
}

/** Whose media is asked for, and by whom. */
export interface RoomQuestion {
  readonly tenant: Tenant;
  readonly roomId: string;
  /** The admin's own, for the homeserver. */
  readonly token: string;
  /** Leaves the avatars of members out, who bring them to every room they are in. */
  readonly withoutMembers?: boolean;
}

const PAGE = 1000;
/** What is remembered of what was listed: some 10 MB. In a room with more media some may come twice. */
const MAX_REMEMBERED = 50_000;

/**
 * Lists the media of a room in batches of some thousands at most: what the room index knows, newest event first, then what
 * the homeserver knows besides, as far as it can be asked. In constant memory: of so much media that it can't be remembered
 * some may be listed more than once. Throws what `homeserverRoomMedia` and metadata throw.
 */
export async function* roomMedia(sources: RoomMediaSources, question: RoomQuestion, signal: AbortSignal): AsyncGenerator<readonly MediaKey[]> {
  const seen = new LRUCache<string, true>({ max: MAX_REMEMBERED });
  for (const source of [indexedMedia(sources, question, signal), homeserverRoomMedia(sources, question, signal)]) {
    for await (const keys of source) {
      const fresh = keys.filter((key) => isFresh(seen, toMxcText(key)));
      if (fresh.length > 0) yield fresh;
    }
  }
}

async function* indexedMedia({ services }: RoomMediaSources, { roomId, withoutMembers = false }: RoomQuestion, signal: AbortSignal): AsyncGenerator<readonly MediaKey[]> {
  let after: string | undefined;
  do {
    const { uses, next } = await services.metadata.listRoomMedia({ roomId, limit: PAGE, after }, { signal });
    yield keysOfUses(uses, withoutMembers);
    after = next;
  } while (after !== undefined);
}

function isFresh(seen: LRUCache<string, true>, uri: string): boolean {
  if (seen.has(uri)) return false;
  seen.set(uri, true);
  return true;
}
