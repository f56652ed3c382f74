import type { StoreName } from '@medley/domain/store-name';

/** What can be wrong. */
export const FINDING_KINDS = [
  /** Records name bytes that are not there. */
  'dangling',
  /** The bytes are fewer or more than the records say. */
  'wrong-size',
  /** The bytes are not those that their digest names. */
  'corrupt',
  /** Marked as lost, though the bytes are there and whole. */
  'wrongly-lost',
  /** Something was derived from an original that is gone. Costs space, harms nobody. */
  'derived-without-source',
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

/** One thing that is wrong. */
export interface Problem {
  readonly kind: FindingKind;
  readonly digest: string;
  /** Only of a derived blob. */
  readonly derivation?: string;
  /** How many records name the digest. */
  readonly mediaCount: number;
}

/** A problem, and what a scrub did about it. */
export interface Finding extends Problem {
  /** Absent: in the common one. */
  readonly store?: StoreName;
  /** Whether this scrub has done about it what can be done. */
  readonly repaired: boolean;
}

/** Whether somebody's media is harmed as long as nothing is done. */
export function isDamage({ kind }: Pick<Problem, 'kind'>): boolean {
  return kind !== 'derived-without-source';
}
