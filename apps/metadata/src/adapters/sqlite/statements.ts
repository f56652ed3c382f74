import type { DatabaseSync, StatementSync } from 'node:sqlite';

const SQL = {
  /** One look-up for any number of names: a JSON array of [origin, media id]. CROSS JOIN keeps it from scanning `media`. */
  find: `SELECT names.key AS position, media.*
         FROM json_each($names) AS names CROSS JOIN media
         ON media.origin = names.value ->> 0 AND media.media_id = names.value ->> 1`,
  countPending: `SELECT count(*) AS count, min(unused_expires_at) AS first FROM media
                 WHERE user_id = $user_id AND state = 'pending' AND unused_expires_at > $now`,
  reserve: `INSERT INTO media (origin, media_id, state, user_id, created_at, unused_expires_at)
            VALUES ($origin, $media_id, 'pending', $user_id, $created_at, $unused_expires_at)`,
  record: `INSERT INTO media (origin, media_id, state, user_id, created_at, digest, size_bytes, content_type, upload_name, frozen)
           VALUES ($origin, $media_id, 'available', $user_id, $created_at, $digest, $size_bytes, $content_type, $upload_name, $frozen)`,
  claim: `UPDATE media SET claim = $claim, claimed_until = $claimed_until WHERE origin = $origin AND media_id = $media_id`,
  abandon: `UPDATE media SET claim = NULL, claimed_until = NULL
            WHERE origin = $origin AND media_id = $media_id AND claim = $claim`,
  commit: `UPDATE media SET state = 'available', unused_expires_at = NULL, claim = NULL, claimed_until = NULL,
             digest = $digest, size_bytes = $size_bytes, content_type = $content_type, upload_name = $upload_name, frozen = $frozen
           WHERE origin = $origin AND media_id = $media_id`,
} as const;

export type Statements = Readonly<Record<keyof typeof SQL, StatementSync>>;

/** Compiles every statement of the store, once. */
export function prepareStatements(database: DatabaseSync): Statements {
  const entries = Object.entries(SQL).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(entries) as Statements;
}
