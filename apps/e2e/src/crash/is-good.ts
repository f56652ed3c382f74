import type { Verdict } from './checker.ts';

const KEYS = [
  'lost', 'dangling', 'orphans', 'staging', 'leftovers', 'cleanButWrong', 'servedCutOff', 'servedAfterRemoval', 'twoBodies', 'wronglyMissing', 'hung', 'leaks',
] as const satisfies readonly (keyof Verdict)[];

/** What of a verdict is not 0. */
export function failuresOf(verdict: Verdict): Partial<Verdict> {
  return Object.fromEntries(KEYS.filter((key) => verdict[key] !== 0).map((key) => [key, verdict[key]]));
}

/** Whether every promise was kept. */
export function isGood(verdict: Verdict): boolean {
  return Object.keys(failuresOf(verdict)).length === 0;
}
