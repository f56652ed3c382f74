import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { MIGRATIONS } from './migrations.ts';

/** How long a write waits for another process's; nothing else in this process runs meanwhile. */
const BUSY_TIMEOUT_MS = 2000;

/**
 * Opens the database file, making it and its folder if need be, and brings its schema up to date. What is committed is
 * on disk (FULL). Throws if a newer version of the program has made the file.
 */
export function openDatabase(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000;');
    inTransaction(database, () => migrate(database, path));
    database.function('holds', { deterministic: true }, holds);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `work` alone among all writers of the file: all of it is committed, or nothing. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Whether a text holds another, which is in lower case; SQLite itself knows the case of ASCII letters alone. */
function holds(text: SQLOutputValue, part: SQLOutputValue): number {
  return String(text ?? '').toLowerCase().includes(String(part)) ? 1 : 0;
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > MIGRATIONS.length) {
    throw new Error(`${path} has schema version ${version}, but this program knows only ${MIGRATIONS.length}`);
  }
  for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
  if (version < MIGRATIONS.length) database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}
