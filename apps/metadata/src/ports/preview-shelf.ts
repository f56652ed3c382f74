import type { MxcUri } from '@medley/domain/mxc-uri';

/** What is known of a URL. */
export interface KeptPreview {
  /** JSON, which nobody here reads. */
  readonly body: string;
  /** Whether the URL could not be previewed. */
  readonly failed: boolean;
  /** Unix milliseconds. */
  readonly fetchedAt: number;
  /** Unix milliseconds. */
  readonly expiresAt: number;
}

/** Whose time is over. */
export interface PreviewExpiry {
  /** Those that expired before; Unix milliseconds. A time to come is taken as the present. */
  readonly expiredBefore: number;
  readonly limit: number;
  /** Count, and remove nothing. */
  readonly isDryRun: boolean;
}

/** Entries for one key made within so many milliseconds are one: the first. */
export const BUCKET_MS = 60_000;

/** The bucket that a moment is in. */
export function toBucket(at: number): number {
  return Math.floor(at / BUCKET_MS);
}

/** Keeps previews of URLs, and knows which media are images of such. */
export interface PreviewShelf {
  /** Keeps a preview, and answers the one that is kept: of several in one bucket the first, whichever process put it. */
  put(key: string, preview: KeptPreview, signal: AbortSignal): Promise<KeptPreview>;

  /** The latest that was fetched by `at`, if it had not expired then. */
  get(key: string, at: number, signal: AbortSignal): Promise<KeptPreview | undefined>;

  /** Removes previews whose time is over, and answers how many. */
  expire(expiry: PreviewExpiry, signal: AbortSignal): Promise<number>;

  /** Images of previews that expired before, at most `limit`, which are still there and not protected. */
  findExpiredImages(expiry: Pick<PreviewExpiry, 'expiredBefore' | 'limit'>, signal: AbortSignal): Promise<readonly MxcUri[]>;
}
