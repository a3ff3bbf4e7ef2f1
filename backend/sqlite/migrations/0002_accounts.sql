-- The program's own state. Not proven by the ledger; each change is recorded as an activity.

CREATE TABLE user (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- permanent, never used again
  login      TEXT NOT NULL,
  login_key  TEXT NOT NULL UNIQUE,              -- login, NFKC and case folded
  email      TEXT NOT NULL,
  name       TEXT NOT NULL,                     -- shown; '' shows the login
  password   TEXT NOT NULL,                     -- argon2id PHC string; '' cannot sign in
  super      INTEGER NOT NULL CHECK (super IN (0, 1)),
  disabled   INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  version    INTEGER NOT NULL,                  -- of tokens: another one ends them all
  created_at INTEGER NOT NULL,
  seen_at    INTEGER
) STRICT;

CREATE TABLE access (
  user  INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  site  INTEGER NOT NULL REFERENCES measurable (id) ON DELETE CASCADE,
  level TEXT NOT NULL CHECK (level IN ('view', 'write', 'admin')),
  PRIMARY KEY (user, site)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id         TEXT PRIMARY KEY,   -- sid
  user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,   -- absolute end
  door       TEXT NOT NULL,
  agent      TEXT NOT NULL
) STRICT;
CREATE INDEX session_user ON session (user);

CREATE TABLE throttle (          -- failed sign-ins, kept over restarts
  scope    TEXT PRIMARY KEY,     -- account:<id>, login:<hash> or source:<address>
  failures INTEGER NOT NULL,     -- in a row
  until    INTEGER NOT NULL,     -- ms; no try is evaluated before
  summary  INTEGER NOT NULL,     -- ms of the last summary recorded
  skipped  INTEGER NOT NULL      -- failures since then that were not recorded singly
) STRICT;

CREATE TABLE preference (
  user  INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  name  TEXT NOT NULL,
  value TEXT NOT NULL,           -- JSON
  PRIMARY KEY (user, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL            -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE measurable (        -- sites
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL,      -- website, mobileapp, intranet, server, other
  name       TEXT NOT NULL UNIQUE,
  zone       TEXT NOT NULL,      -- IANA name
  created_at INTEGER NOT NULL
) STRICT;
INSERT INTO measurable (id, kind, name, zone, created_at)
VALUES (1, 'other', 'This log', 'UTC', CAST(unixepoch('subsec') * 1000 AS INTEGER));
