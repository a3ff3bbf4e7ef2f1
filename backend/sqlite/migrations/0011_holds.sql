-- Legal holds: what a held view matches is not erased.

ALTER TABLE view ADD COLUMN hold_zone TEXT; -- in which its dates are read as long as it is held; NULL: it is not

-- What the names in a held query have stood for since the hold was set: who is unlinked or
-- removed, and a site that is renamed or removed, stays held.
CREATE TABLE hold_meaning (
  view INTEGER NOT NULL REFERENCES view (id) ON DELETE CASCADE,
  at   INTEGER NOT NULL,                        -- where the name stands in the query: bytes from its beginning
  kind TEXT    NOT NULL CHECK (kind IN ('actor', 'site', 'user', 'measurable')), -- whose id it is
  id   INTEGER NOT NULL,                        -- → actor, site; user, measurable, also of removed ones
  PRIMARY KEY (view, at, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_meaning_id ON hold_meaning (kind, id);

-- Ids of values are given anew once nothing has them.
CREATE TRIGGER hold_actor_gone AFTER DELETE ON actor BEGIN DELETE FROM hold_meaning WHERE kind = 'actor' AND id = OLD.id; END;
CREATE TRIGGER hold_site_gone AFTER DELETE ON site BEGIN DELETE FROM hold_meaning WHERE kind = 'site' AND id = OLD.id; END;

-- What comes to a user or a site of ours comes to what is held.
CREATE TRIGGER hold_actor_linked AFTER UPDATE OF user_id ON actor WHEN NEW.user_id IS NOT NULL BEGIN
  INSERT OR IGNORE INTO hold_meaning SELECT view, at, 'actor', NEW.id FROM hold_meaning WHERE kind = 'user' AND id = NEW.user_id;
END;
CREATE TRIGGER hold_site_new AFTER INSERT ON site WHEN NEW.measurable <> 0 BEGIN
  INSERT OR IGNORE INTO hold_meaning SELECT view, at, 'site', NEW.id FROM hold_meaning WHERE kind = 'measurable' AND id = NEW.measurable;
END;
