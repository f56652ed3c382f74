export const QUOTAS = {
  /** The index holds all it needs; the planner would not know how much that saves. */
  quotaSum: `SELECT coalesce(sum(size_bytes), 0) AS bytes, count(*) AS files FROM media INDEXED BY media_quota
             WHERE user_id = $user_id AND created_at > $after AND state = 'available' AND kind = 'local'`,
  quotaReserved: 'SELECT coalesce(sum(bytes), 0) AS bytes, count(*) AS files FROM quota_reservations WHERE user_id = $user_id AND lapses_at > $now',
  reserveQuota: 'INSERT INTO quota_reservations (user_id, id, bytes, lapses_at) VALUES ($user_id, $id, $bytes, $lapses_at)',
  releaseQuota: 'DELETE FROM quota_reservations WHERE user_id = $user_id AND id = $id',
  shortenQuota: 'UPDATE quota_reservations SET lapses_at = min(lapses_at, $lapses_at) WHERE user_id = $user_id AND id = $id',
  expireQuota: `DELETE FROM quota_reservations WHERE (user_id, id) IN
                  (SELECT user_id, id FROM quota_reservations WHERE lapses_at <= $now LIMIT $limit)`,
} as const;
