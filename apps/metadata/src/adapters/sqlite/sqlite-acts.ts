import { faultPoint } from '@medley/fault-points/fault-point';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { digestSubject, mediaSubject, type Act } from '../../domain/acts.ts';
import { quarantineSubjects } from '../../domain/quarantine-rules.ts';
import { isDigestLost } from '../../domain/standing.ts';
import type { ActLog, BlobReport, DeletionOrder, QuarantineOrder } from '../../ports/act-log.ts';
import { addActs, findRecords, readStandings } from './look-up.ts';
import { fromUri, toAct, type ActRow } from './rows.ts';
import type { SqliteSession } from './session.ts';

/** The log as a table whose rows number themselves; an act is added in the transaction of what it belongs to. */
export class SqliteActs implements ActLog {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async setQuarantine(order: QuarantineOrder, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => {
      const kind = order.isQuarantined ? 'quarantined' : 'released';
      const subjects = quarantineSubjects(order, findRecords(this.#session.sql, order.uris));
      addActs(this.#session, subjects.map((subject) => ({ kind, subject, by: order.by })));
    });
  }

  async delete({ uris, by }: DeletionOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    const deleted = this.#session.write(signal, () => {
      const there = findRecords(this.#session.sql, uris).flatMap((record) => (record === undefined ? [] : [record.uri]));
      addActs(this.#session, there.map((uri) => ({ kind: 'deleted', subject: mediaSubject(uri), by })));
      for (const uri of there) this.#session.sql.remove.run(fromUri(uri));
      return there;
    });
    await faultPoint('metadata.delete.decided');
    return deleted;
  }

  async markBlobs({ digests, isLost, by }: BlobReport, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => {
      const standings = readStandings(this.#session.sql, digests);
      const news = digests.filter((digest) => isDigestLost(digest, standings) !== isLost);
      addActs(this.#session, news.map((digest) => ({ kind: isLost ? 'lost' : 'found', subject: digestSubject(digest), by })));
    });
  }

  async position(signal: AbortSignal): Promise<number> {
    return this.#session.read(signal, () => Number(this.#session.sql.lastAct.get()?.['sequence']));
  }

  async after(sequence: number, limit: number, signal: AbortSignal): Promise<readonly Act[]> {
    return this.#session.read(signal, () => {
      const rows = this.#session.sql.actsAfter.all({ sequence, limit }) as unknown as ActRow[];
      return rows.map(toAct);
    });
  }
}
