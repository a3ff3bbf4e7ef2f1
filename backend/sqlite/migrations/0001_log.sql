-- The ledger and the log. The tables entry and activity are final: a later
-- version adds tables beside them, never columns to them.
-- What each column means to somebody with the sqlite3 program: docs/data.md.

-- One row: what this log is.
CREATE TABLE log (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  id         BLOB    NOT NULL CHECK (length(id) = 16), -- uuid; origin activitylog.local/<uuid>
  created_at INTEGER NOT NULL                          -- ms
) STRICT;

-- A place in the ledger. Never updated, never deleted but by compaction.
CREATE TABLE entry (
  seq         INTEGER PRIMARY KEY,                              -- gap-free, from 0; public id = seq + 1
  recorded_at INTEGER NOT NULL,                                 -- ms, the writer's clock
  commitment  BLOB    NOT NULL CHECK (length(commitment) = 32)  -- SHA-256("activity-body/v1\n" ‖ salt ‖ body)
) STRICT;

-- The content of an activity. Never updated; deleted only where an erasure covers it.
CREATE TABLE activity (
  key        INTEGER PRIMARY KEY,        -- (occurred ms << 21) | n: row order is time order
  seq        INTEGER NOT NULL UNIQUE REFERENCES entry (seq),
  actor      INTEGER NOT NULL,           -- → actor.id
  type       INTEGER NOT NULL,           -- → type.id
  site       INTEGER,                    -- → site.id, NULL: none
  source     INTEGER NOT NULL,           -- → source.id
  object     INTEGER,                    -- → object.id, NULL: none
  ip         INTEGER,                    -- → ip.id, NULL: none
  result     INTEGER NOT NULL CHECK (result IN (0, 1, 2)), -- ok, failed, denied
  offset_min INTEGER NOT NULL,           -- of the actor's clock, east of UTC
  batch      INTEGER,                    -- → batch.id of an import, NULL: none. Not proven
  salt       BLOB    NOT NULL CHECK (length(salt) = 16),
  body       BLOB    NOT NULL CHECK (length(body) <= 65536)
) STRICT;
CREATE INDEX activity_ip ON activity (ip) WHERE ip IS NOT NULL;

-- Which external ids were seen. Survives erasure, so that what went does not come
-- back with the next import.
CREATE TABLE seen (
  ext BLOB PRIMARY KEY CHECK (length(ext) = 16), -- HMAC-SHA256(log secret, source ‖ 0x00 ‖ external id)[:16]
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Dictionaries. Rows are never changed (actor.user_id apart).
CREATE TABLE actor (
  id      INTEGER PRIMARY KEY,
  kind    TEXT NOT NULL,    -- user, os, service, system, anonymous
  source  TEXT NOT NULL,    -- self for this log's own users
  name    TEXT NOT NULL,
  user_id INTEGER           -- → user.id it is linked to, NULL: none
) STRICT;
CREATE UNIQUE INDEX actor_foreign ON actor (kind, source, name) WHERE source <> 'self';
CREATE UNIQUE INDEX actor_self ON actor (kind, user_id, name) WHERE source = 'self';
CREATE INDEX actor_name ON actor (name);
CREATE INDEX actor_user ON actor (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE type (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE source (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE site (                 -- a site as it was called at that time
  id         INTEGER PRIMARY KEY,
  measurable INTEGER NOT NULL,      -- → measurable.id, 0: none of ours
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  UNIQUE (measurable, kind, name)
) STRICT;

CREATE TABLE object (               -- an object as it was called at that time
  id    INTEGER PRIMARY KEY,
  kind  TEXT NOT NULL,
  ident TEXT NOT NULL,              -- the object's own id
  name  TEXT NOT NULL,
  UNIQUE (kind, ident, name)
) STRICT;
CREATE INDEX object_name ON object (name);

CREATE TABLE ip (
  id      INTEGER PRIMARY KEY,
  addr    BLOB NOT NULL CHECK (length(addr) = 16), -- v4 mapped into v6
  prefix  INTEGER NOT NULL,                        -- 128: the whole address; less: masked
  country TEXT,                                    -- not proven
  UNIQUE (addr, prefix)
) STRICT;

-- Words and facets of every activity; rowid = activity.key.
CREATE VIRTUAL TABLE words USING fts5 (
  text, facets,
  content = '', contentless_delete = 1, detail = full,
  tokenize = 'unicode61 remove_diacritics 2'
);
-- Merging is the writer's, at times when nobody waits; by itself only as a last resort.
INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 100);

-- Exact counts by UTC quarter-hour (occurred ms / 900000, floored) of the entries
-- before head.counted; the few newest are counted from their rows.
CREATE TABLE slot_all        (slot INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
CREATE TABLE slot_actor      (actor INTEGER, slot INTEGER, n INTEGER NOT NULL, PRIMARY KEY (actor, slot)) STRICT, WITHOUT ROWID;
CREATE TABLE slot_type       (type INTEGER, slot INTEGER, n INTEGER NOT NULL, PRIMARY KEY (type, slot)) STRICT, WITHOUT ROWID;
CREATE TABLE slot_site       (site INTEGER, slot INTEGER, n INTEGER NOT NULL, PRIMARY KEY (site, slot)) STRICT, WITHOUT ROWID;
CREATE TABLE slot_actor_type (actor INTEGER, type INTEGER, slot INTEGER, n INTEGER NOT NULL, PRIMARY KEY (actor, type, slot)) STRICT, WITHOUT ROWID;

-- The tree: interior nodes by tlog.StoredHashIndex, level ≥ 1. Leaves are computed from entry.
CREATE TABLE node (
  idx  INTEGER PRIMARY KEY,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE head (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  size INTEGER NOT NULL,
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL,       -- signed C2SP checkpoint; may cover fewer entries than size (unsealed tail)
  counted INTEGER NOT NULL  -- entries before this seq are in the slot tables
) STRICT;

CREATE TABLE checkpoint (   -- signed heads worth keeping
  size       INTEGER PRIMARY KEY,
  note       TEXT NOT NULL,
  kind       TEXT NOT NULL, -- first, regular, rotation, purge
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE log_key (      -- the public keys, in order
  n         INTEGER PRIMARY KEY,
  vkey      TEXT NOT NULL,
  from_size INTEGER NOT NULL,
  handover  TEXT            -- checkpoint signed by the key before and this one; NULL for the first
) STRICT;

CREATE TABLE erasure (      -- runs of seqs whose bodies were erased on purpose
  lo INTEGER PRIMARY KEY,   -- first
  hi INTEGER NOT NULL,      -- last
  by INTEGER NOT NULL       -- seq of the LogErased that says so
) STRICT;

CREATE TABLE purge (        -- prefixes dropped by compaction
  by          INTEGER PRIMARY KEY, -- seq of the LogPurged that says so
  upto        INTEGER NOT NULL,    -- exclusive
  certificate TEXT NOT NULL
) STRICT;

CREATE TABLE lease (        -- who runs a job that only one process may run
  job   TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  until INTEGER NOT NULL    -- ms
) STRICT;

CREATE TABLE batch (        -- imports. Not proven
  id          INTEGER PRIMARY KEY,
  source      TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  state       TEXT NOT NULL,       -- running, done, cancelled, failed
  by_user     INTEGER,
  report      TEXT NOT NULL        -- JSON
) STRICT;

CREATE TRIGGER entry_insert BEFORE INSERT ON entry BEGIN
  SELECT RAISE(ABORT, 'entry: this seq exists') WHERE EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq);
  SELECT RAISE(ABORT, 'entry: seq must be the next one')
   WHERE NEW.seq IS NOT (SELECT coalesce((SELECT max(seq) + 1 FROM entry), (SELECT max(upto) FROM purge), 0));
END;
CREATE TRIGGER entry_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entry: is never changed'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry
  WHEN OLD.seq >= coalesce((SELECT max(upto) FROM purge), 0)
  BEGIN SELECT RAISE(ABORT, 'entry: is never deleted'); END;

CREATE TRIGGER activity_insert BEFORE INSERT ON activity BEGIN
  SELECT RAISE(ABORT, 'activity: this key exists') WHERE EXISTS (SELECT 1 FROM activity WHERE key = NEW.key);
  SELECT RAISE(ABORT, 'activity: this seq exists') WHERE EXISTS (SELECT 1 FROM activity WHERE seq = NEW.seq);
END;
CREATE TRIGGER activity_update BEFORE UPDATE ON activity BEGIN SELECT RAISE(ABORT, 'activity: is never changed'); END;
CREATE TRIGGER activity_delete BEFORE DELETE ON activity
  WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE OLD.seq BETWEEN lo AND hi)
  BEGIN SELECT RAISE(ABORT, 'activity: is deleted only by an erasure'); END;

-- Matomo's table, to read. body is JSON text in a BLOB.
CREATE VIEW matomo_activity_log (id, user_login, type, parameters, ts_created, country, ip) AS
SELECT a.seq + 1,
       actor.name,
       type.name,
       json_extract(CAST(a.body AS TEXT), '$.parameters'),
       strftime('%Y-%m-%d %H:%M:%S', (a.key >> 21) / 1000, 'unixepoch'),
       coalesce(ip.country, ''),
       coalesce(json_extract(CAST(a.body AS TEXT), '$.ip'), '')
  FROM activity a
  JOIN actor ON actor.id = a.actor
  JOIN type ON type.id = a.type
  LEFT JOIN ip ON ip.id = a.ip;
