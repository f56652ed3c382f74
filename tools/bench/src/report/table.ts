import type { FigureFinding, Finding, PerOperation, RatioFinding } from '../harness/finding.ts';
import type { Spread } from '../harness/statistics.ts';

const HEADINGS = ['row', 'measured', 'median', 'min..max', 'CPU', 'goal', 'each'];
const GAP = '  ';

/** The findings as a table for the terminal, one line each. */
export function toTable(findings: readonly Finding[]): string {
  const lines = [HEADINGS, ...findings.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(GAP).trimEnd()).join('\n');
}

function toCells(finding: Finding): readonly string[] {
  switch (finding.kind) {
    case 'ratio':
      return ratioCells(finding);
    case 'figure':
      return figureCells(finding);
    case 'skipped':
      return [finding.row, finding.what, 'skipped', '', '', finding.goal, finding.reason];
  }
}

function ratioCells({ row, what, wall, cpu, goal, subject, against, rounds, busyRounds }: RatioFinding): readonly string[] {
  const busy = busyRounds === 0 ? '' : `; ${busyRounds} of ${rounds} rounds busy`;
  return [row, what, `${precise(wall.median)} x`, range(wall), cpu === undefined ? '-' : `${precise(cpu.median)} x`, goal, `${cost(subject)} / ${cost(against)}${busy}`];
}

function figureCells({ row, what, value, unit, goal, note = '' }: FigureFinding): readonly string[] {
  return [row, what, `${precise(value.median)} ${unit}`.trim(), range(value), '', goal, note];
}

/** Wall and CPU time of one operation. */
function cost({ wallMs, cpuMs }: PerOperation): string {
  return cpuMs === undefined ? duration(wallMs) : `${duration(wallMs)} (${duration(cpuMs)} CPU)`;
}

function duration(ms: number): string {
  return ms < 1 ? `${precise(ms * 1000)} us` : `${precise(ms)} ms`;
}

function range({ min, max }: Spread): string {
  return min === max ? '' : `${precise(min)}..${precise(max)}`;
}

/** Two decimals for small numbers, none for large ones. */
function precise(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}
