import { z } from 'zod';
import { duration, size } from './quantity.ts';

const files = z.number().int().nonnegative();

/** Room within a time, in the shape of Synapse's `media_upload_limits`. */
const uploadLimit = z.strictObject({
  time_period: duration.refine((ms) => ms > 0, 'must be more than nothing'),
  max_size: size.optional(),
  max_files: files.optional(),
}).refine((limit) => limit.max_size !== undefined || limit.max_files !== undefined, 'needs max_size or max_files');

/** What can be said for all users, and anew for some; null ends a limit that is said elsewhere. */
export const quotaRules = {
  /** All bytes and files of one user that are here. */
  max_bytes: size.nullable(),
  max_files: files.nullable(),
  media_upload_limits: z.array(uploadLimit).max(9),
  /** Where users can read about their limits (Matrix v1.18, “M_USER_LIMIT_EXCEEDED”: it must be said). */
  info_uri: z.url({ protocol: /^https?$/ }),
  /** Whether something can be done about a limit there. */
  can_upgrade: z.boolean(),
} as const;

/** How much a user may have uploaded; nothing is limited by default. */
export const quotas = z.strictObject({
  max_bytes: quotaRules.max_bytes.default(null),
  max_files: quotaRules.max_files.default(null),
  media_upload_limits: quotaRules.media_upload_limits.default([]),
  info_uri: quotaRules.info_uri.optional(),
  can_upgrade: quotaRules.can_upgrade.default(false),
  /** How long room is kept for an upload of which nothing is heard any more, since a process has died; by default an hour more than it may take. */
  reservation_lifetime: duration.optional(),
});

export type QuotasConfig = z.output<typeof quotas>;

/** What is said of quotas, or not. */
export type QuotaSettings = { readonly [Key in keyof QuotasConfig]?: QuotasConfig[Key] | undefined };

/** Whether it limits anything, so that somebody may be refused. */
export function limitsUsers({ max_bytes, max_files, media_upload_limits = [] }: QuotaSettings): boolean {
  return typeof max_bytes === 'number' || typeof max_files === 'number' || media_upload_limits.length > 0;
}
