const DEFAULT_MS = 24 * 3_600_000;
const LEAST_MS = 5 * 60_000;
const MOST_MS = 48 * 3_600_000;
/** So that what was asked for at once is not asked for again at once. */
const JITTER = 0.1;

/** For how long a delegation holds by its Cache-Control: a day if that says nothing, and between five minutes and two days. `random` is between 0 and 1. */
export function lifetimeOf(cacheControl: string | undefined, random: number): number {
  const directives = (cacheControl ?? '').toLowerCase().split(',').map((directive) => directive.trim());
  if (directives.some((directive) => directive === 'no-store' || directive === 'no-cache')) return LEAST_MS;
  const [, seconds] = directives.map((directive) => /^max-age="?([0-9]{1,10})"?$/.exec(directive)).find((match) => match !== null) ?? [];
  if (seconds !== undefined) return Math.min(Math.max(Number(seconds) * 1000, LEAST_MS), MOST_MS);
  return DEFAULT_MS * (1 + JITTER * (2 * random - 1));
}
