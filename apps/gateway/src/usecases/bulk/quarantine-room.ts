import type { MediaKey, Quarantine } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { roomMedia } from '../room-media.ts';
import { isVisibleTo } from '../selection/visibility.ts';
import { BATCH, stopwatch, type BulkAct, type BulkOutcome } from './bulk-act.ts';
import { setQuarantine } from './quarantine.ts';

export interface RoomOf {
  readonly roomId: string;
  /** The admin's own, for the homeserver. */
  readonly token: string;
}

/**
 * Hides all media that is used in a room, newest event first, until there is none or the time is over; not the avatars of its members, who
 * have them everywhere. Media that this very call has hidden before is counted and not named again, so that a call after one that ran out of
 * time gets further.
 */
export async function quarantineRoom(gateway: Gateway, { roomId, token }: RoomOf, act: BulkAct): Promise<BulkOutcome> {
  const hasTime = stopwatch(act);
  const startedAt = Date.now();
  const done = { count: 0, named: 0 };
  for await (const used of roomMedia(gateway, { tenant: act.tenant, roomId, token, withoutMembers: true }, act.signal)) {
    const visible = used.filter((key) => isVisibleTo(gateway, act.tenant, key));
    for (let at = 0; at < visible.length; at += BATCH) {
      if (!hasTime() && done.named > 0) return { count: done.count, isComplete: false };
      const { count, named } = await quarantineAnew(gateway, visible.slice(at, at + BATCH), act, startedAt);
      done.count += count;
      done.named += named;
    }
  }
  return { count: done.count, isComplete: true };
}

async function quarantineAnew(gateway: Gateway, keys: MediaKey[], act: BulkAct, startedAt: number): Promise<{ count: number; named: number }> {
  const { results } = await gateway.services.metadata.batchGetMedia({ keys }, { signal: act.signal });
  const isDone = (quarantine: Quarantine | undefined): boolean => quarantine?.reason === act.reason;
  const anew = keys.filter((_key, index) => !isDone(results[index]?.record?.quarantine ?? results[index]?.quarantine));
  // what this call itself has hidden by its bytes is counted already
  const before = results.filter(({ record }) => isDone(record?.quarantine) && (record?.quarantine?.atMs ?? startedAt) < startedAt);
  return { count: before.length + await setQuarantine(gateway, anew, true, act), named: anew.length };
}
