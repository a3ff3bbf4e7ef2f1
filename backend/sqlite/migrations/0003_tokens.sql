-- API tokens. A row stays for ever, since what a token recorded has the source api:<id>.

CREATE TABLE token (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- permanent, never used again
  hash       BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32), -- SHA-256 of the secret
  user       INTEGER NOT NULL,                  -- → user.id of its maker; 0: the local owner
  name       TEXT    NOT NULL,
  scopes     TEXT    NOT NULL,                  -- JSON, a list
  allow_get  INTEGER NOT NULL CHECK (allow_get IN (0, 1)),
  created_at INTEGER NOT NULL,
  expires_at INTEGER,                           -- NULL: never
  seen_at    INTEGER,
  revoked_at INTEGER
) STRICT;
