import { CATALOG } from './schema/catalog.ts';
import { JOBS } from './schema/jobs.ts';
import { MODERATION } from './schema/moderation.ts';
import { QUOTAS } from './schema/quotas.ts';
import { ROOMS } from './schema/rooms.ts';
import { STORES } from './schema/stores.ts';
import { VERDICTS } from './schema/verdicts.ts';

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

  `CREATE TABLE acts (
     sequence INTEGER PRIMARY KEY,
     kind     TEXT    NOT NULL,
     subject  TEXT    NOT NULL,
     actor    TEXT    NOT NULL,
     at       INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX acts_of_subject ON acts (subject, kind);
   CREATE TABLE condemned (
     digest       TEXT    PRIMARY KEY,
     stored_at    INTEGER NOT NULL,
     condemned_at INTEGER NOT NULL,
     claimed_at   INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX condemned_in_order ON condemned (condemned_at);
   CREATE INDEX media_of_digest ON media (digest, size_bytes) WHERE state = 'available';
   CREATE INDEX media_lapsing ON media (unused_expires_at) WHERE state = 'pending';`,

  `ALTER TABLE media ADD COLUMN expires_at INTEGER;
   CREATE INDEX media_expiring ON media (expires_at) WHERE expires_at IS NOT NULL;
   CREATE TABLE previews (
     key        TEXT    NOT NULL,
     bucket     INTEGER NOT NULL,
     body       TEXT    NOT NULL,
     failed     INTEGER NOT NULL,
     fetched_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     PRIMARY KEY (key, bucket)
   ) STRICT;
   CREATE INDEX previews_expiring ON previews (expires_at);`,

  CATALOG,
  MODERATION,
  ROOMS,
  JOBS,
  QUOTAS,
  VERDICTS,
  STORES,
];
