import type { AvailableMedia, MediaRecord } from './media-record.ts';
import { cannotOverwrite } from './upload-rules.ts';

/** Who brings deleted media back by fetching it anew, in the log. */
export const REFETCH = 'refetch';

/** Passes on a record that is a copy of another server's media. Throws CANNOT_OVERWRITE if it is our own, which other servers' media never is. */
export function requireRemote(record: MediaRecord | undefined): AvailableMedia {
  if (record?.state !== 'available' || record.remote !== true) throw cannotOverwrite();
  return record;
}
