import { z } from 'zod';
import { duration } from './quantity.ts';

/** The gRPC service that examines content before users see it. */
export const contentScanner = z.strictObject({
  /** Where it is, as `dns:///scanner:50051`. */
  address: z.string().min(1),
  /** For one file. */
  timeout: duration.default(60_000),
});

export type ContentScannerConfig = z.output<typeof contentScanner>;
