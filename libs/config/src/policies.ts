import { z } from 'zod';

/** Exceptions from the general limits, for some users; see docs/reference/limits.md. */
export const policies = z.array(z.strictObject({
  name: z.string().min(1),
})).default([]);

export type PolicyConfig = z.output<typeof policies>[number];
