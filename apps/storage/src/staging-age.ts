/** No upload takes this long, so what is older at the start of a process belongs to one that crashed. */
export const STALE_STAGING_MS = 24 * 3_600_000;
