import { parseDigest } from '@medley/domain/digest';
import { VerdictState, type Verdict as VerdictMessage } from '@medley/proto/metadata/verdicts';
import type { NewVerdict, Verdict } from '../ports/verdicts.ts';
import { invalid } from './fields.ts';

const MAX_TEXT_LENGTH = 1000;

const STATES = {
  pending: VerdictState.PENDING,
  clean: VerdictState.CLEAN,
  rejected: VerdictState.REJECTED,
  passed: VerdictState.PASSED,
} as const;

/** A verdict as callers see it. */
export function toVerdictMessage({ digest, state, finding, scanner, at }: Verdict): VerdictMessage {
  return { digest, state: STATES[state], finding, scanner, atMs: at };
}

/** Reads a verdict. Throws INVALID_PARAM for what can't be one. */
export function parseVerdict(verdict: VerdictMessage | undefined): NewVerdict {
  if (verdict === undefined) throw invalid('verdict is missing');
  const { digest, state, finding, scanner } = verdict;
  return { digest: parseDigest(digest), state: parseState(state), finding: parseText('finding', finding), scanner: parseText('scanner', scanner) };
}

/** Reads a state of verdicts. */
export function parseState(wanted: VerdictState): Verdict['state'] {
  for (const state of ['pending', 'clean', 'rejected', 'passed'] as const) if (STATES[state] === wanted) return state;
  throw invalid('state is missing or unknown');
}

function parseText(name: string, text: string): string {
  if (text.length > MAX_TEXT_LENGTH) throw invalid(`${name} is longer than ${MAX_TEXT_LENGTH} characters`);
  return text;
}
