import type { Figure } from './figure.ts';
import { measureBoard } from './measure.ts';

/** A board whose commands are in every state that there is. */
const PLANTED: readonly Figure[] = ['good', 'over', 'crash', 'crash-later', 'no-json', 'no-value'].map((name) => {
  const command = { script: 'tools/figures/src/command.fixture.ts', args: () => [name], needsRealStores: name === 'no-value' };
  return { name, unit: 'things', limit: 0, command, fields: ['broken'], facts: ['tried'] };
});
const [, over] = PLANTED;
/** Measured by the same run as `over`, and good itself. */
const BESIDE: readonly Figure[] = over === undefined ? [] : [{ ...over, name: 'beside-over', limit: 1, fields: ['others'] }];

await measureBoard([...PLANTED, ...BESIDE], process.argv.slice(2));
