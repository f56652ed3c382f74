import { COMMON_STORE } from '@medley/domain/store-name';
import { ChangeKind, type Change } from '@medley/proto/metadata/moderation';
import type { Act, ActKind, Subject } from '../domain/acts.ts';
import { invalid } from './fields.ts';

const TO_KIND = {
  quarantined: ChangeKind.QUARANTINED,
  released: ChangeKind.RELEASED,
  deleted: ChangeKind.DELETED,
  lost: ChangeKind.LOST,
  found: ChangeKind.FOUND,
  protected: ChangeKind.PROTECTED,
  unprotected: ChangeKind.UNPROTECTED,
  restored: ChangeKind.RESTORED,
  purged: ChangeKind.PURGED,
} as const satisfies Record<ActKind, ChangeKind>;

const FROM_KIND: ReadonlyMap<ChangeKind, ActKind> = new Map(
  Object.entries(TO_KIND).map(([kind, change]) => [change, kind as ActKind]),
);

/** An act as callers see it. */
export function toChange({ sequence, kind, subject, by, at, reason }: Act): Change {
  return { sequence, kind: TO_KIND[kind], subject: toSubject(subject), store: subject.kind === 'digest' ? subject.store : COMMON_STORE, by, atMs: at, ...(reason !== undefined && { reason }) };
}

/** Reads a kind of change. Throws INVALID_PARAM. */
export function parseChangeKind(change: ChangeKind): ActKind {
  const kind = FROM_KIND.get(change);
  if (kind === undefined) throw invalid('not a kind of change');
  return kind;
}

/** A subject as callers see it. */
export function toSubject(subject: Subject): NonNullable<Change['subject']> {
  switch (subject.kind) {
    case 'media':
      return { $case: 'key', value: { ...subject.uri } };
    case 'digest':
      return { $case: 'digest', value: subject.digest };
  }
}
