import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import type { Bench } from '../harness/bench.ts';
import type { Finding } from '../harness/finding.ts';

/** Writes the findings as JSON, with what they depend on. */
export async function writeResults(path: string, { rounds, seconds, logLevel }: Bench, findings: readonly Finding[]): Promise<void> {
  const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model ?? 'unknown' };
  await writeFile(path, `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, rounds, seconds, logLevel, findings }, null, 2)}\n`);
}
