import type { Spread } from './statistics.ts';

/** What one side took for one operation: medians over the rounds. */
export interface PerOperation {
  readonly name: string;
  readonly wallMs: number;
  readonly cpuMs: number | undefined;
}

/** Two sides measured in turns. A ratio of 2 means: the subject needs half of what the other needs. */
export interface RatioFinding {
  readonly kind: 'ratio';
  readonly row: string;
  readonly what: string;
  readonly goal: string;
  readonly wall: Spread;
  readonly cpu: Spread | undefined;
  readonly subject: PerOperation;
  readonly against: PerOperation;
  readonly rounds: number;
  /** Rounds in which other processes used the machine although they were repeated. */
  readonly busyRounds: number;
}

/** Something that is no ratio of speeds: a latency, a growth, a share. */
export interface FigureFinding {
  readonly kind: 'figure';
  readonly row: string;
  readonly what: string;
  readonly goal: string;
  readonly unit: string;
  readonly value: Spread;
  /** More about it, in words. */
  readonly note?: string;
}

/** Something that could not be measured here. */
export interface SkippedFinding {
  readonly kind: 'skipped';
  readonly row: string;
  readonly what: string;
  readonly goal: string;
  readonly reason: string;
}

export type Finding = RatioFinding | FigureFinding | SkippedFinding;
