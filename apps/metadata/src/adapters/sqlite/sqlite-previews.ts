import type { MxcUri } from '@medley/domain/mxc-uri';
import { toBucket, type KeptPreview, type PreviewExpiry, type PreviewShelf } from '../../ports/preview-shelf.ts';
import type { SqliteSession } from './session.ts';

interface PreviewRow {
  readonly body: string;
  readonly failed: number;
  readonly fetched_at: number;
  readonly expires_at: number;
}

/** Previews as a table whose key holds the bucket. */
export class SqlitePreviews implements PreviewShelf {
  readonly #session: SqliteSession;

  constructor(session: SqliteSession) {
    this.#session = session;
  }

  async put(key: string, preview: KeptPreview, signal: AbortSignal): Promise<KeptPreview> {
    const { sql } = this.#session;
    return this.#session.write(signal, () => {
      const slot = { key, bucket: toBucket(preview.fetchedAt) };
      const { body, failed, fetchedAt, expiresAt } = preview;
      sql.putPreview.run({ ...slot, body, failed: failed ? 1 : 0, fetched_at: fetchedAt, expires_at: expiresAt });
      return toPreview(sql.previewInBucket.get(slot)) ?? preview;
    });
  }

  async get(key: string, at: number, signal: AbortSignal): Promise<KeptPreview | undefined> {
    return this.#session.read(signal, () => {
      const latest = toPreview(this.#session.sql.latestPreview.get({ key, at }));
      return latest !== undefined && latest.expiresAt > at ? latest : undefined;
    });
  }

  async expire({ expiredBefore, limit, isDryRun }: PreviewExpiry, signal: AbortSignal): Promise<number> {
    const { sql, now } = this.#session;
    return this.#session.write(signal, () => {
      const expired = { before: Math.min(expiredBefore, now()), limit };
      return Number(isDryRun ? sql.countExpiredPreviews.get(expired)?.['count'] : sql.expirePreviews.run(expired).changes);
    });
  }

  async findExpiredImages({ expiredBefore, limit }: Pick<PreviewExpiry, 'expiredBefore' | 'limit'>, signal: AbortSignal): Promise<readonly MxcUri[]> {
    const { sql, now } = this.#session;
    return this.#session.read(signal, () => {
      const rows = sql.expiredImages.all({ before: Math.min(expiredBefore, now()), limit });
      return rows.map((row) => ({ origin: row['origin'], mediaId: row['media_id'] }) as MxcUri); // as they were put
    });
  }
}

function toPreview(row: unknown): KeptPreview | undefined {
  if (row === undefined) return undefined;
  const { body, failed, fetched_at, expires_at } = row as PreviewRow; // as the migrations make it
  return { body, failed: failed === 1, fetchedAt: fetched_at, expiresAt: expires_at };
}
