import { parseArgs } from 'node:util';
import type { Figure } from './figure.ts';

const STORES = ['embedded', 'real'] as const;

export interface Options {
  readonly figures: readonly Figure[];
  readonly stores: (typeof STORES)[number];
  /** How long the load lasts that processes die under, at least. */
  readonly seconds: number;
  readonly seed: number;
}

/** What is wrong with the command line, in words for whoever typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the command line; throws UsageError. */
export function parseOptions(args: readonly string[], board: readonly Figure[]): Options {
  const { only, stores: named, ...numbers } = readArgs(args);
  const stores = STORES.find((known) => known === named);
  if (stores === undefined) throw new UsageError(`--stores is one of ${STORES.join(', ')}`);
  const names = only?.split(',') ?? board.map(({ name }) => name);
  const unknown = names.filter((name) => !board.some((figure) => figure.name === name));
  if (unknown.length > 0) throw new UsageError(`there is no figure ${unknown.join(', ')}; there are ${board.map(({ name }) => name).join(', ')}`);
  const figures = board.filter(({ name, command }) => names.includes(name) && (stores === 'real' || !command.needsRealStores));
  if (figures.length === 0) throw new UsageError(`${names.join(', ')}: only with --stores real`);
  return { figures, stores, seconds: parseCount('seconds', numbers.seconds), seed: parseCount('seed', numbers.seed) };
}

function readArgs(args: readonly string[]) {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  try {
    const options = { only: { type: 'string' }, stores: text('embedded'), seconds: text('30'), seed: text('1') } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function parseCount(name: string, text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number`);
  return Number(text);
}
