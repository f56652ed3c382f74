import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { makeTempDir } from '@medley/testing/temp-dir';
import { because, contentOf, ORIGIN, someone, soon } from '../../ports/samples.contract.ts';
import { MIGRATIONS } from './migrations.ts';
import { openDatabase } from './open-database.ts';
import { translateSqliteError } from './sqlite-errors.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { prepareStatements } from './statements.ts';

const folder = await makeTempDir();
after(() => folder[Symbol.asyncDispose]());

const CLAIM = { store: '', condemned_until: 0, claimed_until: 0, limit: 1 };

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

test('a commit waits for the disk, and the schema has its version', () => {
  using database = openDatabase(join(folder.path, 'durable', 'medley.db'));
  assert.equal(pragma(database, 'journal_mode'), 'wal');
  assert.equal(pragma(database, 'synchronous'), 2);
  assert.equal(pragma(database, 'user_version'), MIGRATIONS.length);
});

test('a file of a newer version is left alone', () => {
  const path = join(folder.path, 'newer.db');
  {
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
  }
  assert.throws(() => openDatabase(path), /schema version/);
});

test('a store that another process keeps locked is unavailable, and usable again afterwards', async () => {
  const path = join(folder.path, 'locked.db');
  await using store = await openSqliteStore(path);
  using other = new DatabaseSync(path);
  const upload = { origin: ORIGIN, userId: someone(), content: contentOf('a') };
  other.exec('BEGIN IMMEDIATE');
  await assert.rejects(store.record(upload, soon()), because('SERVICE_UNAVAILABLE'));
  other.exec('ROLLBACK');
  await store.record(upload, soon());
});

test('a full disk is told as such', () => {
  using database = openDatabase(join(folder.path, 'full.db'));
  database.exec(`PRAGMA max_page_count = ${pragma(database, 'page_count')}`);
  let thrown: unknown;
  try {
    database.exec('CREATE TABLE more (a)');
  } catch (error) {
    thrown = translateSqliteError(error);
  }
  assert.ok(because('STORAGE_FULL')(thrown));
});

test('look-ups and counts search their indexes, and scan nothing but the names asked for', () => {
  using database = openDatabase(join(folder.path, 'indexed.db'));
  const sql = prepareStatements(database);
  const plan = (statement: StatementSync, parameters: Record<string, SQLInputValue>): string =>
    database.prepare(`EXPLAIN QUERY PLAN ${statement.sourceSQL}`).all(parameters).map((step) => step['detail']).join('\n');
  assert.match(plan(sql.find, { names: '[]' }), /^SCAN names.*\nSEARCH media USING INDEX .*\(origin=\? AND media_id=\?\)$/);
  assert.match(plan(sql.actsOn, { subjects: '[]' }), /SEARCH acts USING INDEX acts_of_subject \(subject=\?\)/);
  const twins = { digest: '', size_bytes: 0, id: 0, limit: 1 };
  assert.match(plan(sql.twins, twins), /^SEARCH media USING INDEX media_of_digest \(digest=\? AND size_bytes>\?\)$/);
  assert.match(plan(sql.quarantinedSubjects, { after: '', limit: 1 }), /^SEARCH acts USING COVERING INDEX acts_of_kind \(kind=\? AND subject>\?\)$/);
  assert.match(plan(sql.listTrash, { purge_at: 0, origin: '', media_id: '', until: 1, limit: 1 }), /^SEARCH trash USING (COVERING )?INDEX trash_in_order/);
  const wanted = { sequence: 0, kinds: null, is_media_only: 0, limit: 1 };
  for (const list of [sql.listActs, sql.listActsBack]) assert.match(plan(list, wanted), /^SEARCH acts USING INTEGER PRIMARY KEY/);
  for (const list of [sql.listActsOn, sql.listActsOnBack]) assert.match(plan(list, { ...wanted, subject: '' }), /^SEARCH acts USING INDEX acts_of_subject/);
  assert.match(plan(sql.references, { store: 'b', after: '', limit: 1 }), /^SEARCH media USING COVERING INDEX media_of_store \(store=\? AND digest>\?\)$/);
  assert.match(plan(sql.unreferenced, { store: 'b', blobs: '[]' }), /SEARCH media USING COVERING INDEX media_of_store \(store=\? AND digest=\?\)/);
  assert.match(plan(sql.doomed, CLAIM), /^SEARCH condemned USING INDEX condemned_in_order \(store=\? AND condemned_at<\?\).*\n.*\n?.*SEARCH media USING COVERING INDEX media_of_store/);
  assert.match(plan(sql.countLapsed, { before: 0, limit: 1 }), /SEARCH media USING INDEX media_lapsing/);
  assert.match(plan(sql.countPending, { user_id: 'x', now: 0 }), /^SEARCH media USING COVERING INDEX media_pending/);
});
