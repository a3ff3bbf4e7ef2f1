-- Plugins that are installed or were, and bundled ones that were deactivated.

CREATE TABLE plugin (
  name     TEXT    NOT NULL PRIMARY KEY,
  version  TEXT    NOT NULL,
  state    TEXT    NOT NULL, -- active, inactive, removed
  manifest TEXT,             -- plugin.json; null of a bundled one
  revision INTEGER NOT NULL, -- the largest one tells other processes that something changed
  changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plugin_type (   -- never removed: old activities read by them
  id         TEXT    NOT NULL PRIMARY KEY,
  plugin     TEXT    NOT NULL REFERENCES plugin(name),
  definition TEXT    NOT NULL, -- Activity/<Type>.json
  category   TEXT,             -- JSON, as in plugin.json; null: one of the program's own
  current    INTEGER NOT NULL  -- whether the version that is installed has it
) STRICT, WITHOUT ROWID;

CREATE TABLE component (     -- versions of the program that ran last
  name    TEXT    NOT NULL PRIMARY KEY,
  version TEXT    NOT NULL,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
