-- Widgets: stored queries that other pages show in a frame.

CREATE TABLE widget (
  id         TEXT    PRIMARY KEY,               -- random: it stands in the widget's address
  user       INTEGER NOT NULL,                  -- → user.id of its maker
  name       TEXT    NOT NULL,
  query      TEXT    NOT NULL,
  ancestors  TEXT    NOT NULL,                  -- JSON, a list of origins
  theme      TEXT    NOT NULL CHECK (theme IN ('auto', 'light', 'dark')),
  rows       INTEGER NOT NULL CHECK (rows BETWEEN 1 AND 100),
  everybody  INTEGER NOT NULL CHECK (everybody IN (0, 1)), -- 1: everybody's activity, while its maker is a super user
  token      INTEGER NOT NULL,                  -- → token.id of the one that opens it
  created_at INTEGER NOT NULL
) STRICT;

ALTER TABLE token ADD COLUMN widget TEXT; -- → widget.id of the only one it opens; NULL: it is no widget's
