import type { Digest } from '@medley/domain/digest';
import { isSaidBy, type NewVerdict, type Verdict, type VerdictQuery, type Verdicts } from '../../ports/verdicts.ts';
import type { SqliteSession } from './session.ts';

/** Verdicts and what is to be examined as two tables. */
export class SqliteVerdicts implements Verdicts {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async put({ digest, state, finding, scanner }: NewVerdict, signal: AbortSignal): Promise<Verdict> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const verdict: Verdict = { digest, state, finding, scanner, at: now() };
      switch (state) {
        case 'pending':
          if (!isSaidBy(scanner, this.#find(digest))) sql.addToExamine.run({ digest, at: verdict.at });
          break;
        case 'passed':
          sql.passUnjudged.run({ ...verdict });
          break;
        default:
          sql.putVerdict.run({ ...verdict });
          sql.examined.run({ digest });
      }
      return this.#find(digest) ?? verdict;
    });
  }

  async withdraw(digest: Digest, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => this.#session.sql.examined.run({ digest }));
  }

  async get(digest: Digest, signal: AbortSignal): Promise<Verdict | undefined> {
    return this.#session.read(signal, () => this.#find(digest));
  }

  async judged(digests: readonly Digest[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#session.read(signal, () => {
      const rows = this.#session.sql.judgedOf.all({ digests: JSON.stringify(digests) });
      return new Set(rows.map((row) => String(row['digest'])));
    });
  }

  async list({ state, limit, after }: VerdictQuery, signal: AbortSignal): Promise<readonly Verdict[]> {
    const { sql } = this.#session;
    return this.#session.read(signal, () => {
      if (state === 'pending') return sql.allToExamine.all({ after, limit }).map(toPending);
      return sql.verdictsOfState.all({ state, after, limit }).map(toVerdict);
    });
  }

  #find(digest: Digest): Verdict | undefined {
    const { sql } = this.#session;
    const judgement = sql.verdict.get({ digest });
    if (judgement !== undefined) return toVerdict(judgement);
    const pending = sql.toExamine.get({ digest });
    return pending && toPending(pending);
  }
}

function toVerdict(row: unknown): Verdict {
  const { digest, state, finding, scanner, at } = row as Verdict; // as the migrations make it
  return { digest, state, finding, scanner, at };
}

function toPending(row: unknown): Verdict {
  const { digest, at } = row as Pick<Verdict, 'digest' | 'at'>; // as the migrations make it
  return { digest, state: 'pending', finding: '', scanner: '', at };
}
