import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMON_STORE } from '@medley/domain/store-name';
import { eventually } from '@medley/testing/eventually';
import { makeTempDir } from '@medley/testing/temp-dir';
import { ORIGIN, ownContent, soon } from '../../ports/samples.contract.ts';
import { openDatabase } from './open-database.ts';
import { openSqliteStore } from './sqlite-store.ts';

const TWINS = 1700;
const BY = '@admin:example.org';

test('very many media with the same bytes are all found by how they stand, by and by, also after a restart', async () => {
  await using folder = await makeTempDir();
  const path = join(folder.path, 'medley.db');
  const { digest } = ownContent();
  fill(path, digest);
  {
    await using store = await openSqliteStore(path);
    await store.acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost: true, by: BY }, soon());
    const found = await store.catalog.count({ isLost: true }, soon());
    assert.ok(found > 0 && found < TWINS, `${found} were found at once`);
  }
  await using store = await openSqliteStore(path);
  await eventually(async () => assert.equal(await store.catalog.count({ isLost: true }, soon()), TWINS));
  await store.acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost: false, by: BY }, soon());
  await eventually(async () => assert.equal(await store.catalog.count({ isLost: true }, soon()), 0));
});

test('media is listed as it stands, also where it is not yet found so', async () => {
  await using folder = await makeTempDir();
  const path = join(folder.path, 'medley.db');
  const { digest } = ownContent();
  fill(path, digest);
  await using store = await openSqliteStore(path);
  const marking = store.acts.markBlobs({ store: COMMON_STORE, digests: [digest], isLost: true, by: BY }, soon());
  const query = { filter: { isLost: false }, ordering: { order: 'created', isDescending: false }, limit: TWINS } as const;
  const [page] = await Promise.all([store.catalog.list(query, soon()), marking]);
  assert.deepEqual(page.records, []);
});

function fill(path: string, digest: string): void {
  using database = openDatabase(path);
  const insert = database.prepare(`INSERT INTO media (origin, media_id, state, user_id, created_at, digest, size_bytes, content_type, frozen)
                                   VALUES (?, ?, 'available', '@a:b', 1, ?, 1, 'a/b', 1)`);
  database.exec('BEGIN');
  for (let number = 0; number < TWINS; number += 1) insert.run(ORIGIN, `media${number}`, digest);
  database.exec('COMMIT');
}
