import { setImmediate as nextTurn } from 'node:timers/promises';
import { faultPoint } from '@medley/fault-points/fault-point';
import type { MxcUri } from '@medley/domain/mxc-uri';
import { blobSubject, mediaSubject, parseSubject, toSubjectText, type Act } from '../../domain/acts.ts';
import { toBlobText } from '../../domain/blob-name.ts';
import { toDeletion } from '../../domain/deletion-rules.ts';
import type { AvailableMedia } from '../../domain/media-record.ts';
import { digestsOf, planQuarantine, tellCopies, type QuarantinePlan } from '../../domain/quarantine-rules.ts';
import { banOn, isBlobLost, subjectsOf } from '../../domain/standing.ts';
import type { ActLog, ActPage, ActQuery, BanPage, BlobReport, DeletionOrder, ProtectionOrder, QuarantineOrder } from '../../ports/act-log.ts';
import { addActs, BEFORE_TWINS, findAll, findRecords, readStandings, readTwins, type TwinPlace } from './look-up.ts';
import { fromUri, toAct, toRecord, type ActRow } from './rows.ts';
import type { SqliteSession } from './session.ts';

/** The log as a table whose rows number themselves; an act is added in the transaction of what it belongs to. */
export class SqliteActs implements ActLog {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async setQuarantine(order: QuarantineOrder, signal: AbortSignal): Promise<number> {
    const { count, digests } = this.#session.write(signal, () => this.#quarantine(order));
    let affected = count;
    for (const digest of digests) {
      for (let place: TwinPlace | undefined = BEFORE_TWINS; place !== undefined;) {
        const from: TwinPlace = place;
        const told = this.#session.write(signal, () => this.#tellTwins(order, digest, from));
        affected += told.count;
        place = told.next;
        if (place !== undefined) await nextTurn();
      }
    }
    return affected;
  }

  async setProtection({ uris, isProtected, by, reason }: ProtectionOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    return this.#session.write(signal, () => {
      const there = findRecords(this.#session.sql, uris).filter((record) => record !== undefined);
      const kind = isProtected ? 'protected' : 'unprotected';
      const news = there.filter((record) => record.protected !== isProtected);
      addActs(this.#session, news.map(({ uri }) => ({ kind, subject: mediaSubject(uri), by, reason })));
      return there.map(({ uri }) => uri);
    });
  }

  async delete({ uris, trashMs = 0, by, reason }: DeletionOrder, signal: AbortSignal): Promise<readonly MxcUri[]> {
    const deleted = this.#session.write(signal, () => {
      const { sql, now } = this.#session;
      const purgeAt = trashMs > 0 ? now() + trashMs : undefined;
      const { records, standings } = findAll(sql, uris);
      const decisions = records.flatMap((record) => toDeletion(record, standings, { by, reason, purgeAt }).map((act) => ({ act, uri: record.uri })));
      addActs(this.#session, decisions.map(({ act }) => act));
      for (const { act, uri } of decisions) this.#remove(uri, act.purgeAt);
      return decisions.map(({ uri }) => uri);
    });
    await faultPoint('metadata.delete.decided');
    return deleted;
  }

  async markBlobs({ store, digests, isLost, by }: BlobReport, signal: AbortSignal): Promise<void> {
    this.#session.write(signal, () => {
      const blobs = digests.map((digest) => ({ digest, store }));
      const standings = readStandings(this.#session.sql, blobs.map(toBlobText));
      const news = blobs.filter((blob) => isBlobLost(blob, standings) !== isLost);
      addActs(this.#session, news.map((blob) => ({ kind: isLost ? 'lost' : 'found', subject: blobSubject(blob), by })));
    });
  }

  async position(signal: AbortSignal): Promise<number> {
    return this.#session.read(signal, () => this.#last());
  }

  async after(sequence: number, limit: number, signal: AbortSignal): Promise<readonly Act[]> {
    return this.#session.read(signal, () => {
      const rows = this.#session.sql.actsAfter.all({ sequence, limit }) as unknown as ActRow[];
      return rows.map(toAct);
    });
  }

  async list({ after, limit, kinds, isMediaOnly, uri, isDescending }: ActQuery, signal: AbortSignal): Promise<ActPage> {
    const { sql } = this.#session;
    const sequence = after ?? (isDescending ? Number.MAX_SAFE_INTEGER : 0);
    const wanted = { sequence, limit, kinds: kinds.length === 0 ? null : JSON.stringify(kinds), is_media_only: isMediaOnly ? 1 : 0 };
    return this.#session.read(signal, () => {
      const position = this.#last();
      const rows = uri === undefined
        ? (isDescending ? sql.listActsBack : sql.listActs).all(wanted)
        : (isDescending ? sql.listActsOnBack : sql.listActsOn).all({ ...wanted, subject: toSubjectText(mediaSubject(uri)) });
      return { acts: (rows as unknown as ActRow[]).map(toAct), position };
    });
  }

  async listBans(after: string, limit: number, signal: AbortSignal): Promise<BanPage> {
    return this.#session.read(signal, () => {
      const subjects = this.#session.sql.quarantinedSubjects.all({ after, limit }).map((row) => String(row['subject']));
      const standings = readStandings(this.#session.sql, subjects);
      const bans = subjects.flatMap((subject) => {
        const quarantine = banOn(subject, standings);
        return quarantine === undefined ? [] : [{ subject: parseSubject(subject), quarantine }];
      });
      return { bans, next: subjects.length < limit ? undefined : subjects.at(-1) };
    });
  }

  #quarantine(order: QuarantineOrder): QuarantinePlan {
    const { sql } = this.#session;
    const records = findRecords(sql, order.uris);
    const subjects = [...order.uris.map((uri) => toSubjectText(mediaSubject(uri))), ...digestsOf(records), ...order.digests];
    const plan = planQuarantine(order, records, readStandings(sql, subjects));
    addActs(this.#session, plan.acts);
    return plan;
  }

  #tellTwins(order: QuarantineOrder, digest: string, after: TwinPlace): { count: number; next: TwinPlace | undefined } {
    const { sql } = this.#session;
    const { rows, next } = readTwins(sql, digest, after);
    const twins = rows.map(toRecord).filter((record): record is AvailableMedia => record.state === 'available');
    const { acts, count } = tellCopies(order, twins, readStandings(sql, twins.flatMap(subjectsOf)));
    addActs(this.#session, acts);
    return { count, next };
  }

  /** Puts it into the trash, or takes it away. */
  #remove(uri: MxcUri, purgeAt: number | undefined): void {
    const { sql } = this.#session;
    if (purgeAt !== undefined) {
      sql.putIntoTrash.run({ ...fromUri(uri), purge_at: purgeAt });
      return;
    }
    sql.takeFromTrash.run(fromUri(uri));
    sql.remove.run(fromUri(uri));
  }

  #last(): number {
    return Number(this.#session.sql.lastAct.get()?.['sequence']);
  }
}
