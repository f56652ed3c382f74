import { isUnavailable, type Unavailable } from '@medley/tool-real-services/unavailable';
import { acquireRealStores, embeddedStores, PAIRS, type Pair, type Stores } from './stores.ts';

/** The stores that `--stores` names; throws if there are none of that name, or no servers. */
export async function openStores(name: string): Promise<{ readonly pair: Pair; readonly stores: Stores }> {
  const pair = PAIRS.find((known) => known === name);
  if (pair === undefined) throw new Error(`--stores is one of ${PAIRS.join(', ')}`);
  return { pair, stores: pair === 'embedded' ? embeddedStores() : orFail(await acquireRealStores()) };
}

/** What is there; throws if it is not. */
export function orFail<Thing extends object>(thing: Thing | Unavailable): Thing {
  if (isUnavailable(thing)) throw new Error(thing.unavailable);
  return thing;
}

/** Tells whoever waits. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends a command: its report as one line of JSON, and what is wrong, which makes it fail. */
export function conclude(report: object, problems: readonly string[]): void {
  process.stdout.write(`${JSON.stringify(report)}\n`);
  problems.forEach(say);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
