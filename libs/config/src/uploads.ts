import { z } from 'zod';
import { duration, size } from './quantity.ts';

/** A media type in which `*` stands for anything, like `image/*`. */
const typePattern = z.string().regex(/^[^\s;]+$/, 'is not a media type like image/png or image/*').toLowerCase();

/** What can be said for all uploads, and anew for some users. */
export const uploadRules = {
  /** Whether anything may be uploaded. */
  allowed: z.boolean(),
  max_bytes: size,
  /** Media ids that one user may have reserved and not used yet; 0: no limit. */
  max_pending: z.number().int().nonnegative(),
  /** Declared types that may be uploaded, and no others. */
  allowed_types: z.array(typePattern).max(1000),
  /** Declared types that may not, even if they are allowed as well. */
  denied_types: z.array(typePattern).max(1000),
} as const;

/** What users may upload, and for how long an upload may take. */
export const uploads = z.strictObject({
  allowed: uploadRules.allowed.default(true),
  max_bytes: uploadRules.max_bytes.default(50 * 2 ** 20),
  max_pending: uploadRules.max_pending.default(5),
  allowed_types: uploadRules.allowed_types.default(['*']),
  denied_types: uploadRules.denied_types.default([]),
  unused_expires_after: duration.default(86_400_000),
  /** An upload that sends less than 1 KiB for each second of this time in such a time is cut. */
  stall_timeout: duration.default(30_000),
  /** An upload that takes longer is cut; until then it keeps its media id alive past its expiry. */
  max_duration: duration.default(3_600_000),
});
