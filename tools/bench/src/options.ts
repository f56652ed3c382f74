import { parseArgs } from 'node:util';
import { LOG_LEVELS } from '@medley/telemetry/logger';

export interface Options<Name extends string> {
  readonly only: readonly Name[];
  readonly rounds: number;
  /** How long each side works in a round. */
  readonly seconds: number;
  readonly logLevel: string;
  /** Where the results are written as JSON. */
  readonly out: string;
}

/** What is wrong with the command line, in words for whoever typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the command line; throws UsageError. */
export function parseOptions<Name extends string>(args: readonly string[], names: readonly Name[]): Options<Name> {
  const { only, rounds, seconds, out, 'log-level': logLevel } = readArgs(args);
  if (!LOG_LEVELS.some((known) => known === logLevel)) throw new UsageError(`--log-level is one of ${LOG_LEVELS.join(', ')}`);
  return { only: only === undefined ? names : parseNames(only, names), rounds: parseCount('rounds', rounds), seconds: parseNumber('seconds', seconds), logLevel, out };
}

function readArgs(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        rounds: { type: 'string', default: '7' },
        seconds: { type: 'string', default: '2' },
        'log-level': { type: 'string', default: 'info' },
        out: { type: 'string', default: 'bench-results.json' },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseNames<Name extends string>(text: string, names: readonly Name[]): readonly Name[] {
  const asked = text.split(',').map((name) => name.trim());
  const unknown = asked.filter((name) => !names.some((known) => known === name));
  if (unknown.length > 0) throw new UsageError(`there is no row ${unknown.join(', ')}; there are ${names.join(', ')}`);
  return names.filter((name) => asked.includes(name));
}

function parseCount(name: string, text: string): number {
  const count = parseNumber(name, text);
  if (!Number.isInteger(count)) throw new UsageError(`--${name} must be a whole number`);
  return count;
}

function parseNumber(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`--${name} must be a number above 0`);
  return value;
}
