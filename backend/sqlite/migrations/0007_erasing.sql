-- Erasing that takes more than one commit: what is under way, and what there was.

CREATE TABLE erasing (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  kind        TEXT    NOT NULL,           -- what erases: retention, …
  state       TEXT    NOT NULL,           -- running, done, stopped
  by_user     INTEGER,                    -- → user.id, NULL: the local owner, or nobody
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  plan        TEXT    NOT NULL,           -- JSON: what is to go. No names
  erased      INTEGER NOT NULL DEFAULT 0, -- activities so far
  freed       INTEGER NOT NULL DEFAULT 0  -- bytes given back
) STRICT;
