-- Views: saved queries, and what each person saw of them.

CREATE TABLE view (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- permanent, never used again
  user       INTEGER NOT NULL,                  -- → user.id of its maker; 0: the local owner
  name       TEXT    NOT NULL,
  name_key   TEXT    NOT NULL,                  -- name, NFKC and case folded
  query      TEXT    NOT NULL,
  columns    TEXT    NOT NULL,                  -- JSON, a list
  sort       TEXT    NOT NULL CHECK (sort IN ('newest', 'oldest')),
  density    TEXT    NOT NULL CHECK (density IN ('', 'compact', 'comfortable', 'airy')), -- '': the reader's own
  shared     INTEGER NOT NULL CHECK (shared IN (0, 1)),
  since      INTEGER NOT NULL,                  -- entries of the ledger when it was made
  version    INTEGER NOT NULL,                  -- counts its changes
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX view_own ON view (user, name_key) WHERE shared = 0;
CREATE UNIQUE INDEX view_shared ON view (name_key) WHERE shared = 1;

CREATE TABLE view_mark (
  user   INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  view   INTEGER NOT NULL REFERENCES view (id) ON DELETE CASCADE,
  seen   INTEGER NOT NULL,                      -- entries of the ledger when this user last saw it
  pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
  PRIMARY KEY (user, view)
) STRICT, WITHOUT ROWID;
CREATE INDEX view_mark_view ON view_mark (view);
