import { MediaError } from '@medley/domain/media-error';

/** How much there is of something. */
export interface Amount {
  readonly bytes: number;
  readonly files: number;
}

/** How much a user may have of what was created within a time. */
export interface QuotaLimit {
  /** Milliseconds; 0: of all there is. */
  readonly windowMs: number;
  readonly maxBytes: number | undefined;
  readonly maxFiles: number | undefined;
}

/** Room that somebody wants for one upload. */
export interface QuotaWish {
  readonly userId: string;
  readonly bytes: number;
  /** Whether less than that will do, as long as it is more than nothing. */
  readonly isPartial: boolean;
  readonly limits: readonly QuotaLimit[];
  /** After so many milliseconds the reservation lapses. */
  readonly lifetimeMs: number;
}

/** For so long a record may still come of an upload of which its gateway has heard nothing more: longer than any call takes. */
export const UNCERTAIN_LIFETIME_MS = 90_000;

/** What is decided on a wish, or of which window the sum must be known first. */
export type QuotaStep =
  | { readonly kind: 'granted'; readonly bytes: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown'; readonly windowMs: number };

/**
 * The next step towards a decision: `sums` is what the user has within each window, as far as it is known, `reserved` what
 * others of his uploads may still bring. Longer windows come first: where all of a longer one would fit, a shorter needs no sum.
 */
export function decideOnQuota({ bytes, isPartial, limits }: QuotaWish, sums: ReadonlyMap<number, Amount>, reserved: Amount): QuotaStep {
  let granted = bytes;
  let known: Amount | undefined;
  for (const limit of longestFirst(limits)) {
    const exact = sums.get(limit.windowMs);
    known = exact ?? known;
    const room = known === undefined ? 0 : roomOf(limit, known, reserved);
    if (known !== undefined && room >= bytes) continue;
    if (exact === undefined) return { kind: 'unknown', windowMs: limit.windowMs };
    if (!isPartial || room <= 0) return { kind: 'refused' };
    granted = Math.min(granted, room);
  }
  return { kind: 'granted', bytes: granted };
}

/** The refusal of what would be more than a user may have. */
export function userLimitExceeded(): MediaError {
  return new MediaError('USER_LIMIT_EXCEEDED', 'You have reached the limit of your uploads');
}

/** Two amounts together. */
export function plus(one: Amount, other: Amount): Amount {
  return { bytes: one.bytes + other.bytes, files: one.files + other.files };
}

/** How many bytes one more file may have; less than 0 if there is no room for it. */
function roomOf({ maxBytes, maxFiles }: QuotaLimit, has: Amount, reserved: Amount): number {
  const all = plus(has, reserved);
  if (maxFiles !== undefined && all.files + 1 > maxFiles) return -1;
  return maxBytes === undefined ? Infinity : maxBytes - all.bytes;
}

function longestFirst(limits: readonly QuotaLimit[]): readonly QuotaLimit[] {
  const lengthOf = ({ windowMs }: QuotaLimit): number => (windowMs === 0 ? Infinity : windowMs);
  return limits.toSorted((one, other) => lengthOf(other) - lengthOf(one));
}
