import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ROOM_INDEX } from './rooms-sql.ts';
import { JOBS } from './statements-jobs.ts';
import { ACTS, TRASH } from './statements-moderation.ts';
import { VERDICTS } from './statements-verdicts.ts';
import { QUOTAS } from './statements-quotas.ts';

const RECORDS = {
  /** One look-up for any number of names: a JSON array of [origin, media id]. CROSS JOIN keeps it from scanning `media`. */
  find: `SELECT names.key AS position, media.*
         FROM json_each($names) AS names CROSS JOIN media
         ON media.origin = names.value ->> 0 AND media.media_id = names.value ->> 1`,
  countPending: `SELECT count(*) AS count, min(unused_expires_at) AS first FROM media
                 WHERE user_id = $user_id AND state = 'pending' AND unused_expires_at > $now`,
  reserve: `INSERT INTO media (origin, media_id, state, user_id, created_at, unused_expires_at)
            VALUES ($origin, $media_id, 'pending', $user_id, $created_at, $unused_expires_at)`,
  record: `INSERT INTO media (origin, media_id, state, user_id, created_at, kind, expires_at, source_url, digest, store, size_bytes, content_type, upload_name, frozen, awaits_verdict)
           VALUES ($origin, $media_id, 'available', $user_id, $created_at, $kind, $expires_at, $source_url, $digest, $store, $size_bytes, $content_type, $upload_name, $frozen, $awaits_verdict)`,
  claim: `UPDATE media SET claim = $claim, claimed_until = $claimed_until WHERE origin = $origin AND media_id = $media_id`,
  abandon: `UPDATE media SET claim = NULL, claimed_until = NULL
            WHERE origin = $origin AND media_id = $media_id AND claim = $claim`,
  commit: `UPDATE media SET state = 'available', unused_expires_at = NULL, claim = NULL, claimed_until = NULL,
             digest = $digest, store = $store, size_bytes = $size_bytes, content_type = $content_type, upload_name = $upload_name, frozen = $frozen, awaits_verdict = $awaits_verdict
           WHERE origin = $origin AND media_id = $media_id`,
  remove: 'DELETE FROM media WHERE origin = $origin AND media_id = $media_id',
} as const;

const HINTS = {
  /** Available media with these bytes, piece by piece; all of one digest have one size, which the index holds. */
  twins: `SELECT * FROM media WHERE state = 'available' AND digest = $digest AND (size_bytes, id) > ($size_bytes, $id)
          ORDER BY size_bytes, id LIMIT $limit`,
  setHints: `UPDATE media SET quarantined_by = $quarantined_by, protected = $protected, lost = $lost, deleted = $deleted
             WHERE origin = $origin AND media_id = $media_id
               AND (quarantined_by, protected, lost, deleted) IS NOT ($quarantined_by, $protected, $lost, $deleted)`,
  markAccessed: `UPDATE media SET last_access_at = $at
                 WHERE origin = $origin AND media_id = $media_id AND coalesce(last_access_at, 0) < $at`,
} as const;

const UNSETTLED = {
  unsettled: 'SELECT * FROM unsettled LIMIT 1',
  leaveUnsettled: `INSERT INTO unsettled (digest, size_bytes, id) VALUES ($digest, $size_bytes, $id)
                   ON CONFLICT DO UPDATE SET size_bytes = excluded.size_bytes, id = excluded.id`,
  settled: 'DELETE FROM unsettled WHERE digest = $digest',
} as const;

const IS_REFERENCED = `EXISTS (SELECT 1 FROM media
  WHERE media.state = 'available' AND media.store = condemned.store AND media.digest = condemned.digest)`;
/** Marks of one store that have waited, and that nobody is working on. */
const CAN_DECIDE = 'store = $store AND condemned_at <= $condemned_until AND (claimed_at IS NULL OR claimed_at <= $claimed_until)';

const REMOVALS = {
  /** Of a JSON array of [digest, stored at] those that no record names. */
  unreferenced: `SELECT condemned.digest, condemned.stored_at
                 FROM (SELECT $store AS store, value ->> 0 AS digest, value ->> 1 AS stored_at FROM json_each($blobs)) AS condemned
                 WHERE NOT ${IS_REFERENCED}`,
  condemn: `INSERT INTO condemned (store, digest, stored_at, condemned_at) VALUES ($store, $digest, $stored_at, $condemned_at)
            ON CONFLICT DO NOTHING`,
  isClaimed: 'SELECT 1 FROM condemned WHERE store = $store AND digest = $digest AND claimed_at IS NOT NULL',
  countSpared: `SELECT count(*) AS count FROM condemned WHERE ${CAN_DECIDE} AND ${IS_REFERENCED}`,
  spare: `DELETE FROM condemned WHERE ${CAN_DECIDE} AND ${IS_REFERENCED}`,
  doomed: `SELECT digest, stored_at FROM condemned WHERE ${CAN_DECIDE} AND NOT ${IS_REFERENCED}
           ORDER BY condemned_at LIMIT $limit`,
  claimRemoval: 'UPDATE condemned SET claimed_at = $claimed_at WHERE store = $store AND digest = $digest',
  finish: `DELETE FROM condemned
           WHERE store = $store AND digest IN (SELECT value FROM json_each($digests)) AND claimed_at IS NOT NULL`,
} as const;

const LAPSED = `SELECT id FROM media
                WHERE state = 'pending' AND unused_expires_at < $before AND coalesce(claimed_until, 0) < $before LIMIT $limit`;

const INVENTORY = {
  references: `SELECT digest, max(size_bytes) AS size_bytes, count(*) AS media_count FROM media
               WHERE state = 'available' AND store = $store AND digest > $after GROUP BY digest ORDER BY digest LIMIT $limit`,
  waiting: `SELECT count(*) FILTER (WHERE max(unused_expires_at, coalesce(claimed_until, 0)) > $now) AS pending_count,
              count(*) FILTER (WHERE max(unused_expires_at, coalesce(claimed_until, 0)) <= $now) AS lapsed_count,
              (SELECT count(*) FROM condemned) AS condemned_count
            FROM media WHERE state = 'pending'`,
  countLapsed: `SELECT count(*) AS count FROM (${LAPSED})`,
  expire: `DELETE FROM media WHERE id IN (${LAPSED})`,
} as const;

const EXPIRED_PREVIEWS = 'SELECT rowid FROM previews WHERE expires_at < $before LIMIT $limit';

const PREVIEWS = {
  putPreview: `INSERT INTO previews (key, bucket, body, failed, fetched_at, expires_at)
               VALUES ($key, $bucket, $body, $failed, $fetched_at, $expires_at) ON CONFLICT DO NOTHING`,
  previewInBucket: 'SELECT * FROM previews WHERE key = $key AND bucket = $bucket',
  latestPreview: 'SELECT * FROM previews WHERE key = $key AND fetched_at <= $at ORDER BY bucket DESC LIMIT 1',
  countExpiredPreviews: `SELECT count(*) AS count FROM (${EXPIRED_PREVIEWS})`,
  expirePreviews: `DELETE FROM previews WHERE rowid IN (${EXPIRED_PREVIEWS})`,
  expiredImages: 'SELECT origin, media_id FROM media WHERE expires_at < $before AND protected = 0 LIMIT $limit',
} as const;

const SQL = { ...RECORDS, ...HINTS, ...UNSETTLED, ...ACTS, ...TRASH, ...JOBS, ...REMOVALS, ...INVENTORY, ...PREVIEWS, ...VERDICTS, ...ROOM_INDEX, ...QUOTAS } as const;

export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

/** Compiles every statement of the store, once. */
export function prepareStatements(database: DatabaseSync): Statements {
  const entries = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(entries) as Statements;
}
