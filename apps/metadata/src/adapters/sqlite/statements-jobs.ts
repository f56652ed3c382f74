export const JOBS = {
  lease: 'SELECT holder, until FROM leases WHERE name = $name',
  takeLease: 'INSERT OR REPLACE INTO leases (name, holder, until) VALUES ($name, $holder, $until)',
  releaseLease: 'DELETE FROM leases WHERE name = $name AND holder = $holder',
  createJob: `INSERT INTO jobs (id, action, input, state, actor, reason, origin, created_at, updated_at, progress, failure, is_cancelled)
              VALUES ($id, $action, $input, 'queued', $actor, $reason, $origin, $now, $now, '', '', 0)`,
  job: 'SELECT * FROM jobs WHERE id = $id',
  jobsBefore: `SELECT * FROM jobs WHERE ($before IS NULL OR id < $before)
                 AND ($states IS NULL OR iif(state = 'queued' AND is_cancelled, 'cancelled', state) IN (SELECT value FROM json_each($states)))
               ORDER BY id DESC LIMIT $limit`,
  updateJob: 'UPDATE jobs SET state = $state, progress = $progress, failure = $failure, updated_at = $now WHERE id = $id',
  cancelJob: 'UPDATE jobs SET is_cancelled = 1, updated_at = $now WHERE id = $id',
  savePosition: 'INSERT OR REPLACE INTO positions (name, position) VALUES ($name, $position)',
  position: 'SELECT position FROM positions WHERE name = $name',
} as const;
