/** Leases, jobs and positions. */
export const JOBS = `
  CREATE TABLE leases (
    name   TEXT    PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE jobs (
    id           TEXT    PRIMARY KEY,
    action       TEXT    NOT NULL,
    input        TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    actor        TEXT    NOT NULL,
    reason       TEXT,
    origin       TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    progress     TEXT    NOT NULL,
    failure      TEXT    NOT NULL,
    is_cancelled INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE positions (
    name     TEXT    PRIMARY KEY,
    position INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;
