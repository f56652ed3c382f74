import { z } from 'zod';
import { duration, size } from './quantity.ts';
import { tls } from './tls.ts';

/** The gRPC service that examines content before users see it; see docs/how-to/content-scanner.md. */
export const contentScanner = z.strictObject({
  /** Where it is, as `dns:///scanner:50051`. */
  address: z.string().min(1),
  /** What it is shown; that of our own services is never. */
  token: z.string().min(1).optional(),
  tls: tls.optional(),
  /** For one file, from its first byte to the answer. */
  timeout: duration.default(60_000).refine((ms) => ms >= 100, 'must be at least 100ms'),
  /** Whether an upload waits for the verdict, or is answered at once while its media waits. */
  mode: z.enum(['sync', 'pending']).default('sync'),
  /** What becomes of files that can't be examined: `closed`, they are not taken, or not shown; `open`, they are, and are examined later. */
  on_failure: z.enum(['closed', 'open']).default('closed'),
  uploads: z.boolean().default(true),
  /** Media of other servers, and what stands for it. */
  remote: z.boolean().default(true),
  /** Images of URL previews. */
  previews: z.boolean().default(true),
  /** Larger files are not examined. */
  max_bytes: size.default(100 * 2 ** 20),
  on_large: z.enum(['reject', 'pass']).default('reject'),
  /** Files examined at once for one gateway, and how many more may wait. */
  max_concurrent: z.number().int().positive().default(8),
  max_queued: z.number().int().nonnegative().default(100),
  /** How long a gateway remembers that media of another server was rejected, and does not fetch it again. */
  remember_rejected: duration.default(3_600_000).refine((ms) => ms > 0, 'must be more than 0'),
});

export type ContentScannerConfig = z.output<typeof contentScanner>;
