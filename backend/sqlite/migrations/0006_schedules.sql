-- Matomo servers whose logs are read again and again.

CREATE TABLE schedule (
  name  TEXT NOT NULL PRIMARY KEY, -- of the source import:matomo/<name>
  saved TEXT NOT NULL,             -- JSON: what was set
  ran   TEXT NOT NULL              -- JSON: how the last reading ended
) STRICT, WITHOUT ROWID;
