import { z } from 'zod';
import { duration } from './quantity.ts';

const ADDRESS = /^(unix:\/\/\/.+|tcp:\/\/(\[[0-9a-fA-F:]+\]|[^/:[\]]+):[0-9]{1,5})$/;

/** What the ClamAV scanner takes from the configuration; see docs/how-to/content-scanner.md. */
export const clamav = z.strictObject({
  /** Where clamd listens. */
  address: z.string().regex(ADDRESS, 'must be tcp://host:port or unix:///path').default('tcp://127.0.0.1:3310'),
  /** How long clamd may keep silent, and take nothing. */
  timeout: duration.default(120_000),
});

export type ClamavConfig = z.output<typeof clamav>;
