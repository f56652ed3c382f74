/** What makes each version of the schema from the one before. Entries are only ever added, at the end. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE media (
     id                INTEGER PRIMARY KEY,
     origin            TEXT    NOT NULL,
     media_id          TEXT    NOT NULL,
     state             TEXT    NOT NULL,
     user_id           TEXT    NOT NULL,
     created_at        INTEGER NOT NULL,
     unused_expires_at INTEGER,
     claim             TEXT,
     claimed_until     INTEGER,
     digest            TEXT,
     size_bytes        INTEGER,
     content_type      TEXT,
     upload_name       TEXT,
     frozen            INTEGER,
     UNIQUE (origin, media_id)
   ) STRICT;
   CREATE INDEX media_pending ON media (user_id, unused_expires_at) WHERE state = 'pending';`,
];
