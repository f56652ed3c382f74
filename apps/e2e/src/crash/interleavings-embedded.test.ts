import { after, describe } from 'node:test';
import { embeddedStores } from '../harness/stores.ts';
import { describeInterleavings, startForInterleavings } from './interleavings.ts';

const cluster = await startForInterleavings(embeddedStores());
describe('interleavings on SQLite and a folder', () => {
  describeInterleavings(cluster);
  after(() => cluster[Symbol.asyncDispose]());
});
