/** What content scanners say of bytes, which bytes are to be examined, and which media waits for that. */
export const VERDICTS = `
  ALTER TABLE media ADD COLUMN awaits_verdict INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE content_verdicts (
    digest  TEXT    PRIMARY KEY,
    state   TEXT    NOT NULL,
    finding TEXT    NOT NULL,
    scanner TEXT    NOT NULL,
    at      INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX content_verdicts_of_state ON content_verdicts (state, digest);
  CREATE TABLE content_to_examine (
    digest TEXT    PRIMARY KEY,
    at     INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;
