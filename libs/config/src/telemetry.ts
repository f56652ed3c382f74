import { z } from 'zod';

/** What the services tell of themselves. */
export const telemetry = z.strictObject({
  log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** The base URL of an OTLP/HTTP receiver for traces; without it there are none. */
  otlp_endpoint: z.url({ protocol: /^https?$/ }).nullable().default(null),
  /** The part of the traces that are sent, of those that begin here. */
  trace_ratio: z.number().min(0).max(1).default(0.1),
  /** Whether requests to the gateway may go on with a trace that they name: only where a proxy of yours sets or removes the header. */
  trust_traceparent: z.boolean().default(false),
  /** How many spans of a process may wait for the receiver. */
  max_queued_spans: z.int().min(1).max(65_536).default(2048),
});
