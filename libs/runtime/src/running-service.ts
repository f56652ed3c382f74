import type { Dependency } from './dependency.ts';

/** A service that has started. */
export interface RunningService {
  readonly name: string;
  /** Where it listens, for the log and for whoever starts the next one. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What is wrong, or nothing; asked by `/readyz`, must answer quickly. */
  readonly readiness: () => Promise<readonly string[]>;
  /** What it depends on, as far as `readiness` asks; shown by `/readyz`. */
  readonly dependencies?: readonly Dependency[];
  /** The process will stop soon: those who keep connections are asked to look for another; everything else goes on as before. */
  readonly announceStop?: () => void;
  /** Refuses new work, lets running work finish for at most `graceMs`, cuts the rest, closes what it opened. */
  stop(graceMs: number): Promise<void>;
}
