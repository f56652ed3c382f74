const ON_MEDIA = "subject >= 'mxc:' AND subject < 'mxc;'";
const WANTED = `($kinds IS NULL OR kind IN (SELECT value FROM json_each($kinds))) AND ($is_media_only = 0 OR ${ON_MEDIA})`;

export const ACTS = {
  addAct: `INSERT INTO acts (kind, subject, actor, at, reason, purge_at)
           VALUES ($kind, $subject, $actor, $at, $reason, $purge_at)`,
  actsOn: 'SELECT * FROM acts WHERE subject IN (SELECT value FROM json_each($subjects))',
  actsAfter: 'SELECT * FROM acts WHERE sequence > $sequence ORDER BY sequence LIMIT $limit',
  lastAct: 'SELECT coalesce(max(sequence), 0) AS sequence FROM acts',
  listActs: `SELECT * FROM acts WHERE sequence > $sequence AND ${WANTED} ORDER BY sequence LIMIT $limit`,
  listActsBack: `SELECT * FROM acts WHERE sequence < $sequence AND ${WANTED} ORDER BY sequence DESC LIMIT $limit`,
  /** The plus keeps it from walking through the whole log in order, which an index on subjects spares. */
  listActsOn: `SELECT * FROM acts WHERE subject = $subject AND sequence > $sequence AND ${WANTED} ORDER BY +sequence LIMIT $limit`,
  listActsOnBack: `SELECT * FROM acts WHERE subject = $subject AND sequence < $sequence AND ${WANTED} ORDER BY +sequence DESC LIMIT $limit`,
  quarantinedSubjects: `SELECT DISTINCT subject FROM acts WHERE kind = 'quarantined' AND subject > $after ORDER BY subject LIMIT $limit`,
} as const;

export const TRASH = {
  putIntoTrash: 'INSERT OR REPLACE INTO trash (origin, media_id, purge_at) VALUES ($origin, $media_id, $purge_at)',
  takeFromTrash: 'DELETE FROM trash WHERE origin = $origin AND media_id = $media_id',
  listTrash: `SELECT * FROM trash WHERE (purge_at, origin, media_id) > ($purge_at, $origin, $media_id) AND purge_at <= $until
              ORDER BY purge_at, origin, media_id LIMIT $limit`,
} as const;
