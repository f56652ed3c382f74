/** Which rooms use which media. */
export const ROOMS = `
  CREATE TABLE room_uses (
    room_id  TEXT    NOT NULL,
    place    TEXT    NOT NULL,
    event_id TEXT    NOT NULL,
    uri      TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    sender   TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (room_id, place)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX room_uses_of_event ON room_uses (event_id);
  CREATE INDEX room_uses_of_media ON room_uses (uri, kind);
  CREATE TABLE room_states (
    slot     TEXT    PRIMARY KEY,
    event_id TEXT    NOT NULL,
    at       INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE room_redactions (
    room_id  TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (room_id, event_id)
  ) STRICT, WITHOUT ROWID;`;
