/** Room reserved for uploads, and an index that holds all that a quota adds up. */
export const QUOTAS = `
  CREATE TABLE quota_reservations (
    user_id   TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    bytes     INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX quota_reservations_lapsing ON quota_reservations (lapses_at);
  CREATE INDEX media_quota ON media (user_id, created_at, size_bytes) WHERE state = 'available' AND kind = 'local';`;
