import type { MxcUri } from '@medley/domain/mxc-uri';
import type { NewAct } from '../../domain/acts.ts';
import type { MediaRecord } from '../../domain/media-record.ts';
import { judge, subjectsOf, toStandings, type Standings } from '../../domain/standing.ts';
import { fromAct, toAct, toRecord, type ActRow, type MediaRow } from './rows.ts';
import type { SqliteSession } from './session.ts';
import type { Statements } from './statements.ts';

/** The records of `uris`, each at its position, as they stand after all that happened. */
export function findRecords(sql: Statements, uris: readonly MxcUri[]): (MediaRecord | undefined)[] {
  const records = findRows(sql, uris);
  const standings = readStandings(sql, records.flatMap((record) => record === undefined ? [] : subjectsOf(record)));
  return records.map((record) => record && judge(record, standings));
}

/** What happened to the subjects with these texts. */
export function readStandings(sql: Statements, subjects: readonly string[]): Standings {
  if (subjects.length === 0) return new Map();
  const rows = sql.actsOn.all({ subjects: JSON.stringify(subjects) }) as unknown as ActRow[];
  return toStandings(rows.map(toAct));
}

/** Adds acts to the log, in order; inside a transaction. */
export function addActs({ sql, now }: SqliteSession, acts: readonly NewAct[]): void {
  const at = now();
  for (const act of acts) sql.addAct.run(fromAct(act, at));
}

function findRows(sql: Statements, uris: readonly MxcUri[]): (MediaRecord | undefined)[] {
  const names = JSON.stringify(uris.map(({ origin, mediaId }) => [origin, mediaId]));
  const rows = sql.find.all({ names }) as unknown as ({ readonly position: number } & MediaRow)[];
  const found = new Map(rows.map((row) => [row.position, toRecord(row)]));
  return uris.map((_, position) => found.get(position));
}
