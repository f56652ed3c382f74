import { createLogger, type Logger } from '@medley/telemetry/logger';
import { createMetrics, type Meter } from '@medley/telemetry/metrics';

/** A logger that says nothing, and metrics that nobody scrapes. */
export function quietTelemetry(): { readonly log: Logger; readonly meter: Meter } {
  return { log: createLogger('test', 'silent'), meter: createMetrics().meter };
}
