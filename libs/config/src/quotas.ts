import { z } from 'zod';
import { duration, size } from './quantity.ts';

/** Room within a time, in the shape of Synapse's `media_upload_limits`. */
const uploadLimit = z.strictObject({
  time_period: duration,
  max_size: size.optional(),
  max_files: z.number().int().nonnegative().optional(),
});

/** How much a user may have uploaded; nothing is limited by default. */
export const quotas = z.strictObject({
  /** All bytes and files of one user that are here; absent: no limit. */
  max_bytes: size.optional(),
  max_files: z.number().int().nonnegative().optional(),
  media_upload_limits: z.array(uploadLimit).max(9).default([]),
  /** Where users can read about their limits (Matrix 1.18: M_USER_LIMIT_EXCEEDED must say). */
  info_uri: z.url({ protocol: /^https?$/ }).optional(),
  /** Whether something can be done about a limit there. */
  can_upgrade: z.boolean().default(false),
});

export type QuotasConfig = z.output<typeof quotas>;
