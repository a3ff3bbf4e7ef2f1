-- What the names in a held query stood for when the hold was set, and what has come to those
-- users and sites since: who is unlinked or removed, and a site that is renamed, stays held.

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
CREATE TRIGGER hold_actor_new AFTER INSERT ON actor WHEN NEW.user_id IS NOT NULL BEGIN
  INSERT OR IGNORE INTO hold_meaning SELECT view, at, 'actor', NEW.id FROM hold_meaning WHERE kind = 'user' AND id = NEW.user_id;
END;
CREATE TRIGGER hold_actor_linked AFTER UPDATE OF user_id ON actor WHEN NEW.user_id IS NOT NULL BEGIN
  INSERT OR IGNORE INTO hold_meaning SELECT view, at, 'actor', NEW.id FROM hold_meaning WHERE kind = 'user' AND id = NEW.user_id;
END;
CREATE TRIGGER hold_site_new AFTER INSERT ON site WHEN NEW.measurable <> 0 BEGIN
  INSERT OR IGNORE INTO hold_meaning SELECT view, at, 'site', NEW.id FROM hold_meaning WHERE kind = 'measurable' AND id = NEW.measurable;
END;

-- Counts what may change what a name stands for, so that what erases by the holds that it
-- asked for asks again.
CREATE TABLE name_change (
  one INTEGER PRIMARY KEY, -- 1: there is one row
  n   INTEGER NOT NULL
) STRICT;
INSERT INTO name_change VALUES (1, 0);
CREATE TRIGGER name_linked AFTER UPDATE OF user_id ON actor WHEN NEW.user_id IS NOT OLD.user_id BEGIN UPDATE name_change SET n = n + 1; END;
CREATE TRIGGER name_user_new AFTER INSERT ON user BEGIN UPDATE name_change SET n = n + 1; END;
CREATE TRIGGER name_user_gone AFTER DELETE ON user BEGIN UPDATE name_change SET n = n + 1; END;
CREATE TRIGGER name_site_new AFTER INSERT ON measurable BEGIN UPDATE name_change SET n = n + 1; END;
CREATE TRIGGER name_site_changed AFTER UPDATE OF name ON measurable WHEN NEW.name <> OLD.name BEGIN UPDATE name_change SET n = n + 1; END;
CREATE TRIGGER name_site_gone AFTER DELETE ON measurable BEGIN UPDATE name_change SET n = n + 1; END;
