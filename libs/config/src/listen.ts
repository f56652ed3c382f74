import { z } from 'zod';

/** The gateway's HTTP, and what it lets strangers take of it. */
export const listen = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(0).max(65_535).default(8008),
  /** How many proxies stand before it, whose X-Forwarded-For says who asks; 0: nobody is believed. */
  trusted_hops: z.number().int().nonnegative().max(10).default(0),
});

export type ListenConfig = z.output<typeof listen>;
