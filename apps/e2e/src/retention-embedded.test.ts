import { after, describe } from 'node:test';
import { retentionCases, startRetention } from './maintenance/retention.contract.ts';

const system = await startRetention();

describe('medley retention, on SQLite and a folder', () => {
  after(() => system[Symbol.asyncDispose]());
  retentionCases(system);
});
