/** The middle of many measurements and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Sums up at least one measurement. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = sort(values);
  return { median: quantile(sorted, 0.5), min: quantile(sorted, 0), max: quantile(sorted, 1) };
}

/** The value that the share `part` (0 to 1) of the measurements does not exceed; between two of them where it falls between. */
export function percentile(values: readonly number[], part: number): number {
  return quantile(sort(values), part);
}

function sort(values: readonly number[]): readonly number[] {
  if (values.length === 0) throw new RangeError('there is nothing to sum up');
  return values.toSorted((a, b) => a - b);
}

function quantile(sorted: readonly number[], part: number): number {
  const at = part * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}
