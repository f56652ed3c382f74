/** Reasons, and the trash: an entry for each media in it. */
export const MODERATION = `
  ALTER TABLE acts ADD COLUMN reason TEXT;
  ALTER TABLE acts ADD COLUMN purge_at INTEGER;
  CREATE INDEX acts_of_kind ON acts (kind, subject);
  CREATE TABLE trash (
    origin   TEXT    NOT NULL,
    media_id TEXT    NOT NULL,
    purge_at INTEGER NOT NULL,
    PRIMARY KEY (origin, media_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX trash_in_order ON trash (purge_at, origin, media_id);`;
