import type { Digest } from '@medley/domain/digest';

/** What a content scanner has said of bytes, or that nobody could ask it and they may be had all the same. */
export const JUDGEMENTS = ['clean', 'rejected', 'passed'] as const;

export type Judgement = (typeof JUDGEMENTS)[number];

/** What is said of bytes: a judgement, or that they are to be examined. */
export interface NewVerdict {
  readonly digest: Digest;
  readonly state: Judgement | 'pending';
  /** What was found, for admins. */
  readonly finding: string;
  /** Which scanner, with which signatures. */
  readonly scanner: string;
}

/** The same, kept. */
export interface Verdict extends NewVerdict {
  /** Unix milliseconds; since when it is so. */
  readonly at: number;
}

/** Part of the verdicts of one state. */
export interface VerdictQuery {
  readonly state: Verdict['state'];
  readonly limit: number;
  /** Those behind this digest. */
  readonly after: string;
}

/**
 * Keeps what content scanners say of bytes, and apart from that which bytes are to be examined: so a new scan takes nothing
 * away from what is known.
 */
export interface Verdicts {
  /**
   * Keeps a verdict and answers what is known then; see `get`. Bytes are to be examined unless the same scanner has judged them.
   * What a scanner says takes the place of whatever was said before, and ends the wait; `passed` does neither.
   */
  put(verdict: NewVerdict, signal: AbortSignal): Promise<Verdict>;

  /** Bytes that are gone are not to be examined any more; what was said of them stays. */
  withdraw(digest: Digest, signal: AbortSignal): Promise<void>;

  /** The judgement on these bytes; where there is none, that they are to be examined; undefined if neither. */
  get(digest: Digest, signal: AbortSignal): Promise<Verdict | undefined>;

  /** Those of the digests on which there is a judgement. */
  judged(digests: readonly Digest[], signal: AbortSignal): Promise<ReadonlySet<string>>;

  /** Verdicts of one state, by digest. What is to be examined is listed whatever is known of it. */
  list(query: VerdictQuery, signal: AbortSignal): Promise<readonly Verdict[]>;
}

/** Whether bytes need not be examined again: this very scanner has said what they are. */
export function isSaidBy(scanner: string, known: Verdict | undefined): boolean {
  return known !== undefined && known.scanner === scanner && (known.state === 'clean' || known.state === 'rejected');
}
