import { z } from 'zod';
import { size } from './quantity.ts';

const byteRate = (perSecond: number, burst: number) => z.strictObject({
  /** What comes back each second. */
  bytes_per_second: size.default(perSecond),
  /** What may be taken at once; 0: no limit. */
  burst: size.default(burst),
}).prefault({});

/** How much may be asked for. */
export const rateLimits = z.strictObject({
  /** Bytes that are fetched from other servers; what is here already costs nothing. */
  remote_download: z.strictObject({
    per_user: byteRate(87 * 2 ** 10, 500 * 2 ** 20),
    per_server: byteRate(2 * 2 ** 20, 2 * 2 ** 30),
  }).prefault({}),
});

export type RateLimitsConfig = z.output<typeof rateLimits>;
