-- Sites that are made, have addresses and settings, and are removed.

ALTER TABLE measurable ADD COLUMN name_key TEXT;                       -- the name as names are compared; NULL: never changed since version 9
ALTER TABLE measurable ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'; -- JSON
CREATE UNIQUE INDEX measurable_key ON measurable (name_key);
CREATE INDEX measurable_name ON measurable (name COLLATE NOCASE);

CREATE TABLE address (
  measurable INTEGER NOT NULL REFERENCES measurable (id) ON DELETE CASCADE,
  n          INTEGER NOT NULL,  -- place among its site's, from 0
  url        TEXT    NOT NULL,
  called     TEXT    NOT NULL,  -- without the scheme: how activities may call the site
  PRIMARY KEY (measurable, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_called ON address (called);

CREATE INDEX access_site ON access (site);

CREATE TABLE removed_site (     -- so that what found a site's activities still does, and no id is used again
  id         INTEGER PRIMARY KEY,
  name       TEXT    NOT NULL,  -- the last one
  removed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX removed_site_name ON removed_site (name COLLATE NOCASE);
