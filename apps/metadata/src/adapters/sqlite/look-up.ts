import type { MxcUri } from '@medley/domain/mxc-uri';
import type { NewAct } from '../../domain/acts.ts';
import type { MediaRecord } from '../../domain/media-record.ts';
import { judge, subjectsOf, toStandings, type Standings } from '../../domain/standing.ts';
import { refreshHints } from './hints.ts';
import { fromAct, toAct, toRecord, type ActRow, type MediaRow } from './rows.ts';
import type { SqliteSession } from './session.ts';
import type { Statements } from './statements.ts';

/** The records of `uris`, each at its position, as they stand after all that happened. */
export function findRecords(sql: Statements, uris: readonly MxcUri[]): (MediaRecord | undefined)[] {
  const records = findUnjudged(sql, uris);
  const standings = readStandings(sql, records.flatMap((record) => record === undefined ? [] : subjectsOf(record)));
  return records.map((record) => record && judge(record, standings));
}

/** What there is under these names, deleted or not, and what happened to it. */
export function findAll(sql: Statements, uris: readonly MxcUri[]): { records: MediaRecord[]; standings: Standings } {
  const records = findUnjudged(sql, uris).filter((record) => record !== undefined);
  return { records, standings: readStandings(sql, records.flatMap(subjectsOf)) };
}

/** What happened to the subjects with these texts. */
export function readStandings(sql: Statements, subjects: readonly string[]): Standings {
  if (subjects.length === 0) return new Map();
  const rows = sql.actsOn.all({ subjects: JSON.stringify(subjects) }) as unknown as ActRow[];
  return toStandings(rows.map(toAct));
}

/** Where among the media with the same bytes somebody has got to. */
export interface TwinPlace {
  readonly size_bytes: number;
  readonly id: number;
}

/** Before the first. */
export const BEFORE_TWINS: TwinPlace = { size_bytes: -1, id: 0 };

/** How many rows are in memory at once. */
const TWINS = 500;

/** Some of the available media with these bytes, and the place of the last where there may be more. */
export function readTwins(sql: Statements, digest: string, after: TwinPlace): { rows: MediaRow[]; next: TwinPlace | undefined } {
  const rows = sql.twins.all({ digest, ...after, limit: TWINS }) as unknown as (MediaRow & TwinPlace)[];
  const last = rows.length < TWINS ? undefined : rows.at(-1);
  return { rows, next: last && { size_bytes: last.size_bytes, id: last.id } };
}

/** Adds acts to the log, in order, and lets the media be found accordingly; inside a transaction. */
export function addActs(session: SqliteSession, acts: readonly NewAct[]): void {
  const at = session.now();
  for (const act of acts) session.sql.addAct.run(fromAct(act, at));
  refreshHints(session, acts.map(({ subject }) => subject));
}

function findUnjudged(sql: Statements, uris: readonly MxcUri[]): (MediaRecord | undefined)[] {
  const names = JSON.stringify(uris.map(({ origin, mediaId }) => [origin, mediaId]));
  const rows = sql.find.all({ names }) as unknown as ({ readonly position: number } & MediaRow)[];
  const found = new Map(rows.map((row) => [row.position, toRecord(row)]));
  return uris.map((_, position) => found.get(position));
}
