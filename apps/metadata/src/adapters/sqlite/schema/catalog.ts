/**
 * Remote media, last access, and what media is found by. The columns quarantined_by, protected, lost and deleted repeat
 * what the acts say, and are written in the transactions that add these. Of bytes that very many media share, the table unsettled says up to where
 * they have been written (see hints.ts).
 */
export const CATALOG = `
  ALTER TABLE media ADD COLUMN kind TEXT NOT NULL DEFAULT 'local';
  ALTER TABLE media ADD COLUMN source_url TEXT;
  ALTER TABLE media ADD COLUMN last_access_at INTEGER;
  ALTER TABLE media ADD COLUMN quarantined_by TEXT NOT NULL DEFAULT '';
  ALTER TABLE media ADD COLUMN protected INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE media ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE media ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
  UPDATE media SET kind = 'preview' WHERE expires_at IS NOT NULL;
  UPDATE media SET
    quarantined_by = coalesce((SELECT CASE kind WHEN 'quarantined' THEN actor ELSE '' END FROM acts
      WHERE subject IN ('mxc://' || origin || '/' || media_id, digest) AND kind IN ('quarantined', 'released')
      ORDER BY sequence DESC LIMIT 1), ''),
    lost = coalesce((SELECT kind = 'lost' FROM acts WHERE subject = digest AND kind IN ('lost', 'found') ORDER BY sequence DESC LIMIT 1), 0);
  CREATE TABLE unsettled (
    digest     TEXT    PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    id         INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX media_by_creation ON media (created_at);
  CREATE INDEX media_of_origin ON media (origin, created_at);
  CREATE INDEX media_of_user ON media (user_id, created_at);
  CREATE INDEX media_by_access ON media (max(created_at, coalesce(last_access_at, 0)));
  CREATE INDEX media_of_kind_by_access ON media (kind, max(created_at, coalesce(last_access_at, 0)));
  CREATE INDEX media_quarantined ON media (created_at) WHERE quarantined_by <> '';
  CREATE INDEX media_protected ON media (created_at) WHERE protected = 1;
  CREATE INDEX media_lost ON media (created_at) WHERE lost = 1;`;
