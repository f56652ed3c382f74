import type { RetentionRule } from '@medley/config/retention';
import { MediaOrder, type MediaFilter } from '@medley/proto/metadata/catalog';
import { MediaKind, MediaState } from '@medley/proto/metadata/media';
import type { Budget } from './plan.ts';

const KINDS: Readonly<Record<RetentionRule['kind'], MediaKind>> = { local: MediaKind.LOCAL, remote: MediaKind.REMOTE, preview: MediaKind.PREVIEW };

/** What a budget counts and may remove, but for avatars, which no filter knows. */
export function toBudgetFilter({ kind, tenant }: Pick<Budget, 'kind' | 'tenant'>): MediaFilter {
  return { ...toKindFilter(kind), origins: listOf(tenant) };
}

/** All of a kind that may be removed at all, but for avatars. */
function toKindFilter(kind: RetentionRule['kind']): MediaFilter {
  return { kinds: [KINDS[kind]], origins: [], userIds: [], state: MediaState.AVAILABLE, quarantined: false, protected: false };
}

/** What a rule removes; `now` in Unix milliseconds. */
export function toRuleFilter(rule: RetentionRule, now: number): MediaFilter {
  const before = (age: number | undefined): number | undefined => (age === undefined ? undefined : now - age);
  return {
    ...toKindFilter(rule.kind),
    origins: listOf(rule.origin),
    userIds: listOf(rule.user),
    contentType: rule.content_type,
    minSizeBytes: rule.larger_than,
    createdBeforeMs: before(rule.older_than),
    unusedSinceMs: before(rule.unused_for),
  };
}

/** The order in which what a rule removes comes first. */
export function toRuleOrder({ unused_for }: RetentionRule): MediaOrder {
  return unused_for === undefined ? MediaOrder.CREATED_AT : MediaOrder.LAST_ACCESS;
}

function listOf(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
