/** What was reviewed by hand: floors.json. */
export interface Floors {
  /** When it was compared with what is known of vulnerabilities, as YYYY-MM-DD. */
  readonly reviewed: string;
  /** The oldest good version of each line of a package. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** The same for the libraries inside sharp's binaries. */
  readonly libraries: Readonly<Record<string, readonly string[]>>;
  /** By their SPDX names. */
  readonly licences: readonly string[];
  /** Packages that the lock names no digest of: developers' binaries for other systems. */
  readonly withoutIntegrity: readonly string[];
}

const DAY_MS = 86_400_000;
const MAX_REVIEW_DAYS = 90;

/** Whole days since the review; not a number if it has no date. */
export function reviewAge({ reviewed }: Floors, now: number): number {
  return Math.floor((now - Date.parse(reviewed)) / DAY_MS);
}

/** Says so if the table was reviewed long ago, never, or not yet. */
export function reviewProblems(floors: Floors, now: number): readonly string[] {
  const days = reviewAge(floors, now);
  return days >= 0 && days <= MAX_REVIEW_DAYS ? [] : [`floors.json was reviewed on ${floors.reviewed}, which must lie 0 to ${MAX_REVIEW_DAYS} days back`];
}

/**
 * Whether a version is at least its floor. A line is a major version, and each has a floor of its own; newer lines than
 * those of the table are good, older ones are not. A version that comes before a release is below it.
 */
export function isAboveFloor(version: string, floors: readonly string[]): boolean {
  const [major = 0] = numbersOf(version);
  const floor = floors.find((one) => numbersOf(one)[0] === major);
  if (floor === undefined) return floors.every((one) => (numbersOf(one)[0] ?? 0) < major);
  const order = compare(numbersOf(version), numbersOf(floor));
  return order > 0 || (order === 0 && !version.includes('-'));
}

function numbersOf(version: string): readonly number[] {
  return (/^\d+(\.\d+)*/.exec(version)?.[0] ?? '').split('.').map(Number);
}

function compare(one: readonly number[], other: readonly number[]): number {
  const at = [0, 1, 2].find((index) => (one[index] ?? 0) !== (other[index] ?? 0));
  return at === undefined ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
