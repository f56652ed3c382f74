import { createLogger, type Logger } from '@medley/telemetry/logger';

/** A logger whose warnings are lines for people, on stderr. */
export function warningLog(): Logger {
  return createLogger('medley', 'warn', { write: (line) => void process.stderr.write(`${toText(line)}\n`) });
}

function toText(line: string): string {
  const { msg, store, digest, err } = JSON.parse(line) as { msg: string; store?: string; digest?: string; err?: { message: string } }; // written by pino
  return [`medley: ${msg}`, store, digest, err?.message].filter((part) => part !== undefined).join(': ');
}
