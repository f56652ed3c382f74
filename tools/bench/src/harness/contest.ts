import type { PerOperation, RatioFinding } from './finding.ts';
import type { Bench } from './bench.ts';
import { playRounds, type Round, type Sample, type Side } from './rounds.ts';
import { spreadOf, type Spread } from './statistics.ts';

/** What a subject is measured against, and what is hoped for. */
export interface Opponent {
  readonly side: Side;
  readonly goal: string;
}

export interface Contest {
  readonly row: string;
  /** What all sides do. */
  readonly what: string;
  readonly subject: Side;
  readonly opponents: readonly Opponent[];
}

/** Measures a subject against each opponent, all of them round by round in turn. */
export async function playContest({ row, what, subject, opponents }: Contest, bench: Bench): Promise<readonly RatioFinding[]> {
  const sides = [subject, ...opponents.map(({ side }) => side)];
  const rounds = await playRounds(sides, bench.rounds, (round) => bench.progress(`${row}: ${what}: round ${round} of ${bench.rounds}`));
  return opponents.map(({ side, goal }, index) => ({ kind: 'ratio', row, what: `${what}: ${subject.name} against ${side.name}`, goal, ...compare(rounds, sides, index + 1) }));
}

/** Compares the first side with the one at `other`. */
export function compare(rounds: readonly Round[], sides: readonly Side[], other: number): Omit<RatioFinding, 'kind' | 'row' | 'what' | 'goal'> {
  return {
    wall: ratio(rounds, other, (sample) => sample.wallMsPerOp) ?? { median: NaN, min: NaN, max: NaN },
    cpu: ratio(rounds, other, (sample) => sample.cpuMsPerOp),
    subject: perOperation(rounds, sides, 0),
    against: perOperation(rounds, sides, other),
    rounds: rounds.length,
    busyRounds: rounds.filter(({ isBusy }) => isBusy).length,
  };
}

/** Of each round its own ratio, since both sides of a round met the same weather. */
function ratio(rounds: readonly Round[], other: number, read: (sample: Sample) => number | undefined): Spread | undefined {
  const ratios = rounds.flatMap(({ samples }) => {
    const [a, b] = [samples[0], samples[other]].map((sample) => sample && read(sample));
    return a === undefined || b === undefined || a === 0 ? [] : [b / a];
  });
  return ratios.length === 0 ? undefined : spreadOf(ratios);
}

function perOperation(rounds: readonly Round[], sides: readonly Side[], at: number): PerOperation {
  const samples = rounds.flatMap((round) => round.samples.slice(at, at + 1));
  const cpu = samples.flatMap(({ cpuMsPerOp }) => cpuMsPerOp ?? []);
  return {
    name: sides[at]?.name ?? '',
    wallMs: spreadOf(samples.map(({ wallMsPerOp }) => wallMsPerOp)).median,
    cpuMs: cpu.length === 0 ? undefined : spreadOf(cpu).median,
  };
}
