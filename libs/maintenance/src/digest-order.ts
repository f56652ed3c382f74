const LENGTH = 64;
const LEADING = 8;

/** The last in the order of digests. */
export const LAST_DIGEST = 'f'.repeat(LENGTH);

/** The digest right before this one, or `undefined` for the first. */
export function digestBefore(digest: string): string | undefined {
  const value = BigInt(`0x${digest}`);
  return value === 0n ? undefined : (value - 1n).toString(16).padStart(LENGTH, '0');
}

/** How much of all digests lies before this one, from 0 to 1. They are spread evenly, so that this tells how much of a walk is done. */
export function fractionOf(digest: string): number {
  return Number.parseInt(digest.slice(0, LEADING), 16) / 16 ** LEADING;
}
