import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StoreCalls } from '@medley/telemetry/store-calls';
import { inTransaction, openDatabase } from './open-database.ts';
import { translateSqliteError } from './sqlite-errors.ts';
import { prepareStatements, type Statements } from './statements.ts';

/** One connection to the database file. It answers within the call, so signals matter only before it. */
export class SqliteSession implements Disposable {
  readonly sql: Statements;
  readonly now: () => number;
  readonly #database: DatabaseSync;
  readonly #calls: StoreCalls | undefined;
  #listener: () => void = () => undefined;

  /** See openDatabase. */
  constructor(path: string, now: () => number, calls?: StoreCalls) {
    this.#database = openDatabase(path);
    this.sql = prepareStatements(this.#database);
    this.now = now;
    this.#calls = calls;
  }

  /** Compiles a query that is put together as it is needed. */
  prepare(text: string): StatementSync {
    return this.#database.prepare(text);
  }

  /** Runs `work` as one transaction, alone among all writers. Throws what the port promises. */
  write<Result>(signal: AbortSignal, work: () => Result): Result {
    return this.#run('write', signal, () => inTransaction(this.#database, work));
  }

  /** Runs `work`, whose statements each see the latest that was committed. Throws what the port promises. */
  read<Result>(signal: AbortSignal, work: () => Result): Result {
    return this.#run('read', signal, work);
  }

  /** Has `listener` called when a transaction leaves work behind. */
  onUnsettled(listener: () => void): void {
    this.#listener = listener;
  }

  /** Says that the present transaction leaves work behind. */
  noteUnsettled(): void {
    this.#listener();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #run<Result>(operation: 'read' | 'write', signal: AbortSignal, work: () => Result): Result {
    signal.throwIfAborted();
    try {
      return this.#calls === undefined ? work() : this.#calls.timeSync(operation, work);
    } catch (error) {
      throw translateSqliteError(error);
    }
  }
}
