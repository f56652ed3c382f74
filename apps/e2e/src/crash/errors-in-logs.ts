import type { LogLine } from '../harness/program.ts';

/** The log lines that say that something is wrong with the program itself. Pino counts an error as 50. */
export function errorsIn(logs: Iterable<LogLine>): readonly string[] {
  const found: string[] = [];
  for (const line of logs) {
    const { level } = line;
    if (level === 'error' || level === 'fatal' || (typeof level === 'number' && level >= 50)) found.push(JSON.stringify(line).slice(0, 2000));
  }
  return found;
}
