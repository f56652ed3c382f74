import type { Dependency } from './dependency.ts';

/** A dependency, and what finds out how it is: quick, and failing where it is not well. */
interface Asked {
  readonly dependency: Dependency;
  readonly ask: () => Promise<unknown>;
}

/** Asks after all of them at once. Names those that fail and without which the service can't work. */
export async function listMissing(asked: readonly Asked[]): Promise<readonly string[]> {
  const missing = await Promise.all(asked.map(async ({ dependency, ask }) => {
    const { name, required } = dependency.state;
    return dependency.check(ask).then(() => [], () => (required ? [name] : []));
  }));
  return missing.flat();
}
