import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { parseDigest } from '@medley/domain/digest';
import { parseMxcParts } from '@medley/domain/mxc-uri';
import { COMMON_STORE, parseStoreName } from '@medley/domain/store-name';
import { makeTempDir } from '@medley/testing/temp-dir';
import { because, contentOf, HOUR_MS, ORIGIN, ownUpload, soon } from '../../ports/samples.contract.ts';
import { MIGRATIONS } from './migrations.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** The schema in which there was one store for all. */
const OF_ONE_STORE = 9;
const [USED, WAITING, CLAIMED] = ['1', '2', '3'].map((digit) => parseDigest(digit.repeat(64)));
const CLAIM = { waitMs: 0, claimMs: HOUR_MS, limit: 10, isDryRun: false };

function writeBefore(path: string): void {
  using database = new DatabaseSync(path);
  for (const migration of MIGRATIONS.slice(0, OF_ONE_STORE)) database.exec(migration);
  database.exec(`PRAGMA user_version = ${OF_ONE_STORE};
    INSERT INTO media (origin, media_id, state, user_id, created_at, digest, size_bytes, content_type, frozen)
      VALUES ('${ORIGIN}', 'old', 'available', '@a:${ORIGIN}', 1, '${USED}', 3, 'image/png', 1);
    INSERT INTO acts (kind, subject, actor, at) VALUES ('lost', '${USED}', 'scrub', 2);
    INSERT INTO condemned (digest, stored_at, condemned_at, claimed_at) VALUES ('${WAITING}', 5, 6, NULL), ('${CLAIMED}', 7, 8, ${Date.now()});`);
}

test('what was there when all had one store lies in the common one: records, losses, and what waits for its removal', async () => {
  await using folder = await makeTempDir();
  const path = join(folder.path, 'medley.db');
  writeBefore(path);
  await using store = await openSqliteStore(path);
  assert.ok(USED !== undefined && WAITING !== undefined && CLAIMED !== undefined);
  const [media] = await store.find([parseMxcParts(ORIGIN, 'old')], soon());
  assert.ok(media?.state === 'available');
  assert.deepEqual([media.content.store, media.lost], [COMMON_STORE, true]);
  const own = parseStoreName(ORIGIN);
  assert.deepEqual((await store.inventory.references({ store: COMMON_STORE, after: '', limit: 9 }, soon())).map(({ digest, lost }) => [digest, lost]), [[USED, true]]);
  assert.deepEqual(await store.inventory.references({ store: own, after: '', limit: 9 }, soon()), []);
  assert.deepEqual((await store.removals.claim({ ...CLAIM, store: own }, soon())).removals, []);
  assert.deepEqual((await store.removals.claim({ ...CLAIM, store: COMMON_STORE }, soon())).removals, [{ digest: WAITING, storedAt: 5 }]);
  const upload = ownUpload({ ...contentOf('a'), digest: CLAIMED });
  await assert.rejects(store.record(upload, soon()), because('SERVICE_UNAVAILABLE'));
  await store.removals.finish({ store: COMMON_STORE, digests: [CLAIMED] }, soon());
  await store.record(upload, soon());
});
