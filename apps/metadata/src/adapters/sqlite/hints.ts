import type { Subject } from '../../domain/acts.ts';
import { toHints } from '../../domain/media-query.ts';
import { judge, subjectsOf } from '../../domain/standing.ts';
import { BEFORE_TWINS, readStandings, readTwins, type TwinPlace } from './look-up.ts';
import { fromHints, fromUri, toRecord, type MediaRow } from './rows.ts';
import type { SqliteSession } from './session.ts';
import type { Statements } from './statements.ts';

/**
 * Makes the columns by which media is found say what the acts on these subjects have come to. Belongs into the
 * transaction that adds the acts. Of a digest that very many media share it does the first, and leaves the others to the
 * Settler, since nothing else runs meanwhile: so nothing is answered by these columns alone.
 */
export function refreshHints(session: SqliteSession, subjects: readonly Subject[]): void {
  const { sql } = session;
  const names = subjects.flatMap((subject) => (subject.kind === 'media' ? [[subject.uri.origin, subject.uri.mediaId]] : []));
  if (names.length > 0) refreshRows(sql, sql.find.all({ names: JSON.stringify(names) }) as unknown as MediaRow[]);
  for (const subject of subjects) {
    const place = subject.kind === 'digest' ? refreshTwins(sql, subject.digest, BEFORE_TWINS) : undefined;
    if (subject.kind !== 'digest' || place === undefined) continue;
    sql.leaveUnsettled.run({ digest: subject.digest, ...place });
    session.noteUnsettled();
  }
}

/** Refreshes some of what was left behind; inside a transaction. Answers whether there was anything. */
export function settleSome({ sql }: SqliteSession): boolean {
  const left = sql.unsettled.get() as ({ readonly digest: string } & TwinPlace) | undefined; // as the migrations make it
  if (left === undefined) return false;
  const { digest, size_bytes, id } = left;
  const place = refreshTwins(sql, digest, { size_bytes, id });
  if (place === undefined) sql.settled.run({ digest });
  else sql.leaveUnsettled.run({ digest, ...place });
  return true;
}

/** Answers where it goes on, if there may be more. */
function refreshTwins(sql: Statements, digest: string, after: TwinPlace): TwinPlace | undefined {
  const { rows, next } = readTwins(sql, digest, after);
  refreshRows(sql, rows);
  return next;
}

function refreshRows(sql: Statements, rows: readonly MediaRow[]): void {
  const records = rows.map(toRecord);
  const standings = readStandings(sql, records.flatMap(subjectsOf));
  for (const record of records) sql.setHints.run({ ...fromUri(record.uri), ...fromHints(toHints(judge(record, standings))) });
}
