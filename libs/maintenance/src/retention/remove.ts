import type { RetentionRule } from '@medley/config/retention';
import { toMxcText } from '@medley/domain/mxc-uri';
import type { MediaKey, MediaRecord } from '@medley/proto/metadata/media';
import { findAvatars } from '../avatars.ts';
import { callLimits } from '../call-limits.ts';
import { deleteByTrash } from '../delete-by-trash.ts';
import { sumBytes } from './report.ts';
import type { Run } from './run.ts';

interface Removal {
  readonly kind: RetentionRule['kind'];
  /** For the log of what happened. */
  readonly reason: string;
}

const BY = 'retention';

/** Removes those of some media that are nobody's avatar, and answers with those that are gone now. */
export async function remove(run: Run, records: readonly MediaRecord[], removal: Removal): Promise<readonly MediaRecord[]> {
  if (records.length === 0) return [];
  const avatars = await findAvatars(run.metadata, toKeys(records), run.signal);
  const going = records.filter(({ key }) => key !== undefined && !avatars.has(toMxcText(key)));
  if (run.dryRun) return passOver(run, going, removal);
  // Only what was uploaded here goes into the trash: all else can be had again.
  const { kind, reason } = removal;
  const deletion = { keys: toKeys(going), by: BY, reason, trashOf: kind === 'local' ? run.trashOf : undefined };
  const gone = new Set((await deleteByTrash(run.metadata, deletion, callLimits.batch(run))).map(toMxcText));
  return going.filter(({ key }) => key !== undefined && gone.has(toMxcText(key)));
}

/** Each budget that comes later finds so much less. */
function passOver({ tallies }: Run, records: readonly MediaRecord[], { kind }: Removal): readonly MediaRecord[] {
  for (const budget of tallies.budgets.filter((one) => one.kind === kind)) {
    budget.passedBytes += sumBytes(records.filter(({ key }) => budget.tenant === undefined || key?.origin === budget.tenant));
  }
  return records;
}

function toKeys(records: readonly MediaRecord[]): MediaKey[] {
  return records.flatMap(({ key }) => key ?? []);
}
