import { z } from 'zod';
import { duration } from './quantity.ts';

/** Somebody who is told of every moderation act. */
export const webhook = z.strictObject({
  /** Names how far it has been told: a new name begins with what happens next. */
  name: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be lower-case letters, digits and -'),
  url: z.url({ protocol: /^https?$/ }),
  /** Signs what is sent, by HMAC-SHA256. */
  secret: z.string().min(16),
  /** For one answer. */
  timeout: duration.default(10_000),
});

export type WebhookConfig = z.output<typeof webhook>;
