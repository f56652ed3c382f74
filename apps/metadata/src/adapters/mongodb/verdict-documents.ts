import type { Digest } from '@medley/domain/digest';
import type { Judgement, Verdict } from '../../ports/verdicts.ts';

/** In the collection `content_verdicts`: the last judgement on bytes. */
export interface JudgementDocument {
  readonly _id: Digest;
  readonly state: Judgement;
  readonly finding: string;
  readonly scanner: string;
  readonly at: number;
}

/** In the collection `content_to_examine`: bytes that a scanner is to see; never changes. */
export interface ToExamineDocument {
  readonly _id: Digest;
  readonly at: number;
}

/** What the rest of the service sees of a judgement. */
export function toVerdict({ _id: digest, state, finding, scanner, at }: JudgementDocument): Verdict {
  return { digest, state, finding, scanner, at };
}

/** What the rest of the service sees of bytes that are to be examined. */
export function toPendingVerdict({ _id: digest, at }: ToExamineDocument): Verdict {
  return { digest, state: 'pending', finding: '', scanner: '', at };
}
