/** In which store the bytes of media lie, and each store's own condemned blobs. What was there lies in the common one. */
export const STORES = `
  ALTER TABLE media ADD COLUMN store TEXT NOT NULL DEFAULT '';
  CREATE INDEX media_of_store ON media (store, digest, size_bytes) WHERE state = 'available';
  ALTER TABLE condemned RENAME TO condemned_in_common;
  DROP INDEX condemned_in_order;
  CREATE TABLE condemned (
    store        TEXT    NOT NULL,
    digest       TEXT    NOT NULL,
    stored_at    INTEGER NOT NULL,
    condemned_at INTEGER NOT NULL,
    claimed_at   INTEGER,
    PRIMARY KEY (store, digest)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO condemned SELECT '', digest, stored_at, condemned_at, claimed_at FROM condemned_in_common;
  DROP TABLE condemned_in_common;
  CREATE INDEX condemned_in_order ON condemned (store, condemned_at);`;
