import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { requireAllTold } from '../../ports/moderation.contract.ts';
import { ownContent, ownUpload, soon } from '../../ports/samples.contract.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** More than are told at once. */
const MANY = 510;

const folder = await makeTempDir();
after(() => folder[Symbol.asyncDispose]());

test('bytes with very many copies are told of each', async () => {
  await using store = await openSqliteStore(join(folder.path, 'medley.db'));
  const content = ownContent();
  for (let count = 0; count < MANY; count += 1) await store.record(ownUpload(content), soon());
  await requireAllTold(store, content.digest, MANY);
});
