import { readPeakMemory, resetPeakMemory } from '../harness/processes.ts';

/** A process that is measured. */
export interface Watched {
  readonly name: string;
  readonly pid: number;
  /** By how much its resident memory may grow, in bytes. */
  readonly boundBytes: number;
}

/** By how much a process grew. */
export interface Growth {
  readonly name: string;
  /** What it did meanwhile. */
  readonly what: string;
  readonly growthBytes: number;
  readonly boundBytes: number;
}

/** Runs `work` and answers with the growth of every process meanwhile: from its memory now to its peak. */
export async function measureGrowth(what: string, watched: readonly Watched[], work: () => Promise<void>): Promise<readonly Growth[]> {
  const before = await Promise.all(watched.map(({ pid }) => resetPeakMemory(pid)));
  await work();
  const after = await Promise.all(watched.map(({ pid }) => readPeakMemory(pid)));
  return watched.map(({ name, boundBytes }, index) => ({ name, what, growthBytes: (after[index] ?? 0) - (before[index] ?? 0), boundBytes }));
}

/** Those that are not below their bounds. */
export function overBound(growths: readonly Growth[]): readonly Growth[] {
  return growths.filter(({ growthBytes, boundBytes }) => growthBytes >= boundBytes);
}
