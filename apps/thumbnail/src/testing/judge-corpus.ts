import { row, type Row } from './corpus.ts';
import { quarters } from './images.ts';
import { runRow, type Cost, type Decoders } from './run-corpus.ts';

const MIB = 2 ** 20;
const WORST = 5;

/** What became of the rows of a corpus. */
export interface Judgement {
  readonly costs: readonly Cost[];
  /** What is wrong, in words: rows that failed as no file may make them fail. */
  readonly crashes: readonly string[];
  /** Rows that ended in a way that is not theirs. */
  readonly unexpected: readonly string[];
}

/** Runs rows one after the other, and an ordinary photo at the end, which must still work. Rejects for nothing that a file does. */
export async function judgeCorpus(decoders: Decoders, rows: readonly Row[]): Promise<Judgement> {
  const judged = { costs: [] as Cost[], crashes: [] as string[], unexpected: [] as string[] };
  for (const one of [...rows, row('a photo after all of it', ['made'], () => quarters(900, 700).jpeg().toBuffer())]) {
    try {
      const cost = await runRow(decoders, one);
      judged.costs.push(cost);
      const strange = cost.outcomes.filter((outcome) => !one.expected.includes(outcome));
      if (strange.length > 0) judged.unexpected.push(`${one.name}: ${strange.join(', ')}`);
    } catch (error) {
      judged.crashes.push(`${one.name}: ${String(error)}`);
    }
  }
  return judged;
}

export interface Summary {
  readonly crashes: number;
  readonly unexpected: number;
  /** `undefined` if no row came to its end. */
  readonly slowestMs: number | undefined;
  readonly largestMiB: number;
  readonly rows: number;
  readonly files: number;
  readonly rowsMade: number;
  readonly rowsRefused: number;
  readonly rowsTooLarge: number;
  readonly worstMs: readonly { readonly name: string; readonly worstMs: number }[];
  readonly worstMiB: readonly { readonly name: string; readonly MiB: number }[];
}

/** How many files there were, what became of them, and the worst of time and memory. */
export function summarize({ costs, crashes, unexpected }: Judgement): Summary {
  const slowest = costs.toSorted((one, other) => other.worstMs - one.worstMs);
  const largest = costs.toSorted((one, other) => other.worstBytes - one.worstBytes);
  const count = (outcome: string): number => costs.filter(({ outcomes }) => outcomes.some((one) => one === outcome)).length;
  const toMiB = (bytes: number): number => Math.round(bytes / MIB);
  return {
    crashes: crashes.length, unexpected: unexpected.length, slowestMs: slowest[0]?.worstMs, largestMiB: toMiB(largest[0]?.worstBytes ?? 0),
    rows: costs.length, files: costs.reduce((sum, { files }) => sum + files, 0),
    rowsMade: count('made'), rowsRefused: count('CANNOT_THUMBNAIL'), rowsTooLarge: count('TOO_LARGE'),
    worstMs: slowest.slice(0, WORST).map(({ name, worstMs }) => ({ name, worstMs })),
    worstMiB: largest.slice(0, WORST).map(({ name, worstBytes }) => ({ name, MiB: toMiB(worstBytes) })),
  };
}
