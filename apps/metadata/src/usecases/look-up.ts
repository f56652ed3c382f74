import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { awaitsVerdict, toUnseen, type MediaRecord } from '../domain/media-record.ts';
import type { MetadataStore } from '../ports/metadata-store.ts';
import type { Verdicts } from '../ports/verdicts.ts';

/** Where records and verdicts are looked up. */
export interface LookUpSource extends Pick<MetadataStore, 'find'> {
  readonly verdicts: Pick<Verdicts, 'judged'>;
}

/**
 * Records as users may have them: media whose bytes await a content scanner's judgement is found pending, for as long as
 * there is none. Each at its position; throws what the store throws.
 */
export async function lookUp(store: LookUpSource, uris: readonly MxcUri[], signal: AbortSignal): Promise<readonly (MediaRecord | undefined)[]> {
  const records = await store.find(uris, signal);
  const awaiting = records.flatMap((record): Digest[] => (awaitsVerdict(record) ? [record.content.digest] : []));
  if (awaiting.length === 0) return records;
  const judged = await store.verdicts.judged(awaiting, signal);
  // Rejected bytes are hidden before they are judged: a look from before the judgement may have come too early to see that.
  const seen = judged.size === 0 ? records : await store.find(uris, signal);
  return seen.map((record) => (awaitsVerdict(record) && !judged.has(record.content.digest) ? toUnseen(record) : record));
}
