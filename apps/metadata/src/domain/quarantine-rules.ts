import type { Digest } from '@medley/domain/digest';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { digestSubject, mediaSubject, toSubjectText, type Subject } from './acts.ts';
import type { MediaRecord } from './media-record.ts';

/** What is hidden or shown when these are named: a media always together with its bytes, where they are known. */
export function quarantineSubjects(
  { uris, digests }: { readonly uris: readonly MxcUri[]; readonly digests: readonly Digest[] },
  records: readonly (MediaRecord | undefined)[],
): Subject[] {
  const known = records.flatMap((record) => (record?.state === 'available' ? [record.content.digest] : []));
  const subjects = [...uris.map(mediaSubject), ...known.map(digestSubject), ...digests.map(digestSubject)];
  return [...new Map(subjects.map((subject) => [toSubjectText(subject), subject])).values()];
}
