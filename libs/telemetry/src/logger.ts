import { pino, type DestinationStream, type Logger } from 'pino';
import { currentRequestId } from './request-id.ts';
import { currentTraceId } from './spans.ts';

export type { Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Lines wait until there is this much of them, or for this long; those of a process that ends are written first. */
const BUFFER_BYTES = 8 * 1024;
const FLUSH_MS = 100;

/** Headers and parameters that carry secrets; HAProxy copies the token into `x-access-token`. */
const REDACTED = ['authorization', 'access_token', 'x-access-token', 'token', '*.authorization', '*.access_token', '*.token'];

/** Makes the logger of one service: JSON lines on stdout, secrets removed. */
export function createLogger(service: string, level: LogLevel = 'info', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service, pid: process.pid },
    redact: { paths: REDACTED, censor: '[redacted]' },
    mixin: () => {
      const requestId = currentRequestId();
      const traceId = currentTraceId();
      return { ...(requestId !== undefined && { request_id: requestId }), ...(traceId !== undefined && { trace_id: traceId }) };
    },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // written in the background and many lines at once: a write for each costs a quarter of a small download
  return pino(options, destination ?? pino.destination({ fd: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS }));
}
