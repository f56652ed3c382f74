import { ChangeKind, type Change, type MetadataServiceImplementation } from '@medley/proto/metadata';
import type { Act, ActKind, Subject } from '../domain/acts.ts';
import type { ChangeFeed } from '../usecases/change-feed.ts';
import { parseAtLeast } from './fields.ts';

const TO_KIND = {
  quarantined: ChangeKind.QUARANTINED,
  released: ChangeKind.RELEASED,
  deleted: ChangeKind.DELETED,
  lost: ChangeKind.LOST,
  found: ChangeKind.FOUND,
} as const satisfies Record<ActKind, ChangeKind>;

/** Streams what happens to records that exist, until its caller leaves. */
export function watchChanges(changes: ChangeFeed): MetadataServiceImplementation['watchChanges'] {
  return async function* watch({ after }, { signal }) {
    const from = after === undefined ? undefined : parseAtLeast(0, 'after', after);
    try {
      for await (const { position, acts } of changes.watch(from, signal)) yield { position, changes: acts.map(toChange) };
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
}

function toChange({ sequence, kind, subject, by, at }: Act): Change {
  return { sequence, kind: TO_KIND[kind], subject: toSubject(subject), by, atMs: at };
}

function toSubject(subject: Subject): Change['subject'] {
  switch (subject.kind) {
    case 'media':
      return { $case: 'key', value: { ...subject.uri } };
    case 'digest':
      return { $case: 'digest', value: subject.digest };
  }
}
