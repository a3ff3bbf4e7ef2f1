-- Mappings of the columns of CSV files, saved by name for imports to come.

CREATE TABLE mapping (
  name     TEXT    NOT NULL PRIMARY KEY,
  mapping  TEXT    NOT NULL, -- JSON
  saved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
