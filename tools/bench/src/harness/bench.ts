import type { Finding } from './finding.ts';

/** How this run measures. */
export interface Bench {
  readonly rounds: number;
  /** How long each side works in a round. */
  readonly seconds: number;
  /** What Medley logs while it is measured. */
  readonly logLevel: string;
  /** Says on standard error where the run is. */
  progress(message: string): void;
}

/** Measures one row of the table. Starts what it needs and stops it again. */
export type Row = (bench: Bench) => Promise<readonly Finding[]>;
