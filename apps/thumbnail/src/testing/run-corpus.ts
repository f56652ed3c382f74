import { readFileSync, writeFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { MediaError } from '@medley/domain/media-error';
import type { DecoderPool } from '../decoder/decoder-pool.ts';
import type { Outcome, Row } from './corpus.ts';
import { CHANGED, CUTS, DISGUISES, SHAPES, SIZES } from './hostile-shapes.ts';
import { MEMORY_BOMBS, METADATA_BOMBS, PIXEL_BOMBS, TIME_BOMBS } from './hostile-bombs.ts';
import { LIMITS, spec } from './thumbnails.ts';

/** All of it: what was made to hurt, and good files in shapes that have hurt others. */
export const CORPUS: readonly Row[] = [...PIXEL_BOMBS, ...MEMORY_BOMBS, ...TIME_BOMBS, ...METADATA_BOMBS, ...CUTS, ...CHANGED, ...SIZES, ...DISGUISES, ...SHAPES];

/** What the files of one row cost. */
export interface Cost {
  readonly name: string;
  readonly files: number;
  readonly outcomes: readonly Outcome[];
  /** Milliseconds of the slowest. */
  readonly worstMs: number;
  /** The most that a decoder process held, in bytes; 0 where the system doesn't tell. */
  readonly worstBytes: number;
}

/** What makes thumbnails. */
export type Decoders = Pick<DecoderPool, 'run' | 'pids'>;

/** How long any file may take, as in the service. */
export const DEADLINE_MS = 10_000;
const SAMPLE_MS = 10;

/** Makes a thumbnail of each file of a row. Throws what is no expected failure. */
export async function runRow(pool: Decoders, { name, files, animated = false }: Row): Promise<Cost> {
  const outcomes = new Set<Outcome>();
  const all = await files();
  let worstMs = 0;
  let worstBytes = 0;
  for (const file of all) {
    for (const pid of pool.pids) forgetPeak(pid);
    const startedAt = performance.now();
    const sampler = setInterval(() => (worstBytes = Math.max(worstBytes, ...pool.pids.map(readPeak))), SAMPLE_MS);
    try {
      outcomes.add(await runFile(pool, file, animated));
    } finally {
      clearInterval(sampler);
    }
    worstMs = Math.max(worstMs, performance.now() - startedAt);
    worstBytes = Math.max(worstBytes, ...pool.pids.map(readPeak));
  }
  return { name, files: all.length, outcomes: [...outcomes], worstMs: Math.round(worstMs), worstBytes };
}

async function runFile(pool: Decoders, file: Buffer, animated: boolean): Promise<Outcome> {
  const job = { specs: [{ ...spec(320, 240), animated }], limits: LIMITS };
  try {
    await Array.fromAsync(pool.run(job, file, AbortSignal.timeout(DEADLINE_MS)));
    return 'made';
  } catch (error) {
    if (error instanceof MediaError) return error.reason;
    throw error;
  }
}

/** Sets the peak back to what the process holds now. */
function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Only Linux has it; elsewhere the peak is not told at all.
  }
}

function readPeak(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It died, or the system has no such file.
  }
}
