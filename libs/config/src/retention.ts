import { isServerName } from '@medley/domain/server-name';
import { z } from 'zod';
import { duration, size } from './quantity.ts';

/** Which media a rule removes: all that is said must hold. At least one time must be said. */
const what = z.strictObject({
  name: z.string().min(1),
  /** Created longer ago. */
  older_than: duration.optional(),
  /** Not asked for so long. */
  unused_for: duration.optional(),
  /** At least so large. */
  larger_than: size.optional(),
  /** Its declared type begins with this: `video/`. */
  content_type: z.string().min(1).optional(),
  user: z.string().regex(/^@[^:\s]+:.+$/, 'is not a Matrix user id').optional(),
});
const NEEDS_TIME = 'needs older_than or unused_for';
const saysWhen = (one: z.output<typeof what>): boolean => one.older_than !== undefined || one.unused_for !== undefined;

const rule = what.extend({
  kind: z.enum(['local', 'remote', 'preview']),
  origin: z.string().refine(isServerName, 'is not a Matrix server name').optional(),
}).refine(saysWhen, NEEDS_TIME);

/** What is said of one tenant's media alone; copies of other servers' media belong to no tenant. */
export const ownRetention = z.strictObject({
  /** Instead of `retention.trash`, for all that bears its name: its users' uploads and its images of previews. */
  trash: duration.optional(),
  /** Besides `retention.rules`. */
  rules: z.array(what.extend({ kind: z.enum(['local', 'preview']) }).refine(saysWhen, NEEDS_TIME)).default([]),
  /** The most that its users' uploads may take; those that nobody asks for go first. 0: no limit but that of all. */
  max_local_bytes: size.default(0),
});

/** What is removed by and by, and what can be taken back. Protected and quarantined media and avatars always stay. */
export const retention = z.strictObject({
  /** How long deleted media can be restored; 0: not at all. */
  trash: duration.default(86_400_000),
  /** How often one process that runs everything applies the rules; 0: never. */
  interval: duration.default(3_600_000),
  rules: z.array(rule).default([]),
  /** The most that copies of other servers' media may take; those that nobody asks for go first. 0: no limit. */
  max_remote_bytes: size.default(20 * 2 ** 30),
  /** The same for what users have uploaded. */
  max_local_bytes: size.default(0),
});

export type RetentionConfig = z.output<typeof retention>;
export type OwnRetention = z.output<typeof ownRetention>;
export type RetentionRule = RetentionConfig['rules'][number];
