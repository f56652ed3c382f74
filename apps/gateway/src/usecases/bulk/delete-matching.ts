import { toMxcText } from '@medley/domain/mxc-uri';
import { findAvatars } from '@medley/maintenance/avatars';
import type { MediaKey } from '@medley/proto/metadata/media';
import type { Gateway } from '../../gateway.ts';
import { moderate } from '../moderate.ts';
import { stopwatch, type BulkAct } from './bulk-act.ts';
import { mediaBatches, type BatchListing } from './media-batches.ts';

export interface Deletion extends BatchListing {
  /** Whether media stays that is now the avatar of a room or of a member, as far as the room index knows. */
  readonly keepsAvatars: boolean;
}

export interface Deleted {
  readonly keys: readonly MediaKey[];
  readonly isComplete: boolean;
}

/** Deletes media into the trash, batch after batch, until there is none or the time is over. */
export async function deleteMatching(gateway: Gateway, deletion: Deletion, act: BulkAct): Promise<Deleted> {
  const hasTime = stopwatch(act);
  const deleted: MediaKey[] = [];
  for await (const { keys, isLast } of mediaBatches(gateway, deletion, act.signal)) {
    deleted.push(...await deleteMedia(gateway, await without(gateway, deletion, keys, act), act));
    if (!isLast && !hasTime()) return { keys: deleted, isComplete: false };
  }
  return { keys: deleted, isComplete: true };
}

/** Deletes some media into the trash and answers with those that were there; at most 1000. */
export async function deleteMedia(gateway: Gateway, keys: MediaKey[], { by, reason, signal }: Pick<BulkAct, 'by' | 'reason' | 'signal'>): Promise<MediaKey[]> {
  if (keys.length === 0) return [];
  const deleted = await moderate(gateway, { action: 'delete', keys, by, reason }, signal);
  return keys.filter((key) => deleted.has(toMxcText(key)));
}

async function without(gateway: Gateway, { keepsAvatars }: Deletion, keys: MediaKey[], { signal }: BulkAct): Promise<MediaKey[]> {
  if (!keepsAvatars || keys.length === 0) return keys;
  const avatars = await findAvatars(gateway.services.metadata, keys, signal);
  return keys.filter((key) => !avatars.has(toMxcText(key)));
}
