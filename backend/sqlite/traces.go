package sqlite

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/erasure"
)

// A traced is where a person leaves something outside of the activities. Query gives
// for each row its id as text, what it is called, whose it is (a user's id or 0), and the
// text in which the person may be named.
type traced struct {
	kind   string
	query  string
	theirs []string // statements that forget a row of theirs; ?1 is the row's id, ?2 now (ms)
	naming []string // the same where it only names them; nil: it is left, and said
}

// tracedTables are looked through in this order.
var tracedTables = []traced{
	{
		kind:   "session",
		query:  "SELECT id, '', user, '' FROM session",
		theirs: []string{"DELETE FROM session WHERE id = ?1"},
	},
	{
		kind:   "widget",
		query:  "SELECT id, name, user, concat_ws(char(10), name, query, ancestors) FROM widget",
		theirs: []string{"UPDATE token SET name = '', revoked_at = coalesce(revoked_at, ?2) WHERE id = (SELECT token FROM widget WHERE id = ?1)", "DELETE FROM widget WHERE id = ?1"},
		naming: []string{"UPDATE token SET name = '', revoked_at = coalesce(revoked_at, ?2) WHERE id = (SELECT token FROM widget WHERE id = ?1)", "DELETE FROM widget WHERE id = ?1"},
	},
	{
		kind:   "view", // their own; one that they shared is everybody's
		query:  "SELECT CAST(id AS TEXT), name, iif(shared, 0, user), concat_ws(char(10), name, query) FROM view WHERE NOT (" + boundView + ")",
		theirs: []string{"DELETE FROM view WHERE id = CAST(?1 AS INTEGER)"},
		naming: []string{"DELETE FROM view WHERE id = CAST(?1 AS INTEGER)"},
	},
	{kind: "view", query: "SELECT CAST(id AS TEXT), name, 0, concat_ws(char(10), name, query) FROM view WHERE " + boundView},
	{
		kind:   "token",
		query:  "SELECT CAST(id AS TEXT), name, user, name FROM token WHERE widget IS NULL AND name <> ''",
		theirs: []string{"UPDATE token SET name = '', revoked_at = coalesce(revoked_at, ?2) WHERE id = CAST(?1 AS INTEGER)"},
		naming: []string{"UPDATE token SET name = '' WHERE id = CAST(?1 AS INTEGER)"},
	},
	{
		kind:   "", // of a widget that is gone or was renamed
		query:  "SELECT CAST(id AS TEXT), name, user, name FROM token WHERE widget IS NOT NULL AND name <> ''",
		theirs: []string{"UPDATE token SET name = '', revoked_at = coalesce(revoked_at, ?2) WHERE id = CAST(?1 AS INTEGER)"},
		naming: []string{"UPDATE token SET name = '' WHERE id = CAST(?1 AS INTEGER)"},
	},
	{
		kind:   "schedule",
		query:  "SELECT name, name, 0, concat_ws(char(10), name, saved ->> '$.address', ran ->> '$.error') FROM schedule",
		naming: []string{"DELETE FROM schedule WHERE name = ?1"},
	},
	{
		kind:   "", // who set it; that it is followed stays
		query:  "SELECT name, name, coalesce(saved ->> '$.user', 0), saved ->> '$.by' FROM schedule",
		theirs: []string{"UPDATE schedule SET saved = json_set(saved, '$.by', '') WHERE name = ?1"},
		naming: []string{"UPDATE schedule SET saved = json_set(saved, '$.by', '') WHERE name = ?1"},
	},
	{
		kind:   "mapping",
		query:  "SELECT name, name, 0, concat_ws(char(10), name, mapping) FROM mapping",
		naming: []string{"DELETE FROM mapping WHERE name = ?1"},
	},
	{
		kind:   "report",
		query:  "SELECT CAST(id AS TEXT), source, 0, report FROM batch WHERE finished_at IS NOT NULL",
		naming: []string{"UPDATE batch SET report = " + reportUnquoted + " WHERE id = CAST(?1 AS INTEGER)"},
	},
	{
		kind:   "", // an import that is called like them
		query:  "SELECT CAST(id AS TEXT), source, 0, substr(source, instr(source, '/') + 1) FROM batch",
		naming: []string{"UPDATE batch SET source = substr(source, 1, instr(source, '/')) || '-', report = json_set(report, '$.source', substr(source, 1, instr(source, '/')) || '-') WHERE id = CAST(?1 AS INTEGER)"},
	},
	{
		kind:   "", // the rules of a run that ended
		query:  "SELECT CAST(id AS TEXT), '', 0, plan FROM erasing WHERE state <> 'running' AND json_valid(plan)",
		naming: []string{"UPDATE erasing SET plan = json_remove(plan, '$.rules') WHERE id = CAST(?1 AS INTEGER)"},
	},
	{kind: "user", query: "SELECT CAST(id AS TEXT), login, 0, concat_ws(char(10), login, email, name) FROM user"},
	{kind: "site", query: "SELECT CAST(id AS TEXT), name, 0, concat_ws(char(10), name, settings, (SELECT group_concat(url, char(10)) FROM address WHERE measurable = m.id)) FROM measurable AS m"},
	{
		kind:   "", // a site that is gone
		query:  "SELECT CAST(id AS TEXT), name, 0, name FROM removed_site WHERE name <> ''",
		naming: []string{"UPDATE removed_site SET name = '' WHERE id = CAST(?1 AS INTEGER)"},
	},
	{kind: "plugin", query: "SELECT name, name, 0, concat_ws(char(10), name, manifest, (SELECT group_concat(definition, char(10)) FROM plugin_type WHERE plugin = p.name)) FROM plugin AS p"},
	{kind: "setting", query: "SELECT name, name, 0, value FROM setting"},
}

// A tracedRow is something that has to do with the person.
type tracedRow struct {
	ID, Name string
	Owner    int64
	Text     string
}

// eachTrace calls fn with what has to do with the person. Theirs is false for what only
// names them.
func eachTrace(ctx context.Context, db bun.IDB, who erasure.Who, fn func(t traced, r tracedRow, theirs bool) error) error {
	names := activity.NewNames(who.Texts)
	for _, t := range tracedTables {
		found, err := tracesOf(ctx, db, t, who, names)
		if err != nil {
			return err
		}
		for _, r := range found {
			if err := fn(t, r, who.UserID != 0 && r.Owner == who.UserID); err != nil {
				return err
			}
		}
	}
	return nil
}

func tracesOf(ctx context.Context, db bun.IDB, t traced, who erasure.Who, names *activity.Names) ([]tracedRow, error) {
	rows, err := db.QueryContext(ctx, t.query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []tracedRow
	for rows.Next() {
		var r tracedRow
		if err := rows.Scan(&r.ID, &r.Name, &r.Owner, &r.Text); err != nil {
			return nil, err
		}
		theirs := who.UserID != 0 && r.Owner == who.UserID
		if t.kind == "user" && r.ID == decimalOf(who.UserID) {
			continue // the account itself
		}
		if theirs && t.theirs != nil || len(names.InText(r.Text)) > 0 {
			found = append(found, r)
		}
	}
	return found, rows.Err()
}

// Left says what forgetting a person would remove beside the activities, and what names
// them and is left to a super user. Errors: unavailable.
func (db *DB) Left(ctx context.Context, who erasure.Who) (out erasure.Forgotten, err error) {
	err = db.reading(ctx, func(tx bun.Tx) error {
		out = erasure.Forgotten{}
		return eachTrace(ctx, tx, who, func(t traced, r tracedRow, theirs bool) error {
			out.Note(t.kind, r.Name, theirs || t.naming != nil)
			return nil
		})
	})
	return out, err
}

// forgetTx is a transaction in which a person is forgotten.
type forgetTx struct{ accountTx }

// Forgetting runs change in a transaction of the writer. Errors: unavailable, and those of change.
func (db *DB) Forgetting(ctx context.Context, change func(erasure.Tx) error) error {
	return db.Write(ctx, func(tx *Tx) error { return change(forgetTx{accountTx{accountView{tx.Bun()}, tx}}) })
}

// Forget removes what a person left outside of the activities and says what.
func (f forgetTx) Forget(ctx context.Context, who erasure.Who) (out erasure.Forgotten, err error) {
	w, now := f.tx.w, f.tx.w.db.options.Now().UnixMilli()
	err = eachTrace(ctx, f.db, who, func(t traced, r tracedRow, theirs bool) error {
		statements := t.naming
		if theirs && t.theirs != nil {
			statements = t.theirs
		}
		if t.kind == "schedule" {
			var file string
			if _, err := w.find(ctx, "SELECT coalesce(saved ->> '$.token', '') FROM schedule WHERE name = ?", []any{r.ID}, &file); err != nil {
				return err
			}
			out.Tokens = append(out.Tokens, file)
		}
		for _, statement := range statements {
			args := []any{r.ID}
			if strings.Contains(statement, "?2") {
				args = append(args, now)
			}
			if err := w.exec(ctx, statement, args...); err != nil {
				return err
			}
		}
		out.Note(t.kind, r.Name, statements != nil)
		return nil
	})
	if err != nil {
		return out, err
	}
	scopes := []string{"account:" + decimalOf(who.UserID)}
	for _, hash := range who.Hashes {
		scopes = append(scopes, "login:"+hash)
	}
	for _, address := range who.Addresses {
		scopes = append(scopes, "source:"+address)
	}
	for _, scope := range scopes {
		if err := f.ForgetTries(ctx, scope); err != nil {
			return out, err
		}
	}
	return out, nil
}

// UnderHolds refuses to go on if the holds are others than those of a mark. Errors: conflict.
func (f forgetTx) UnderHolds(ctx context.Context, mark string) error {
	return f.tx.w.underHolds(ctx, mark)
}

// Replan changes the note of an erasing.
func (f forgetTx) Replan(ctx context.Context, id int64, plan []byte) error {
	return f.tx.w.exec(ctx, "UPDATE erasing SET plan = ? WHERE id = ?", string(plan), id)
}

// Unname takes a person's identities out of the dictionary. One that still has
// activities, which say what became of the log itself, keeps its place: an account's
// without its name, which those do not have either. Errors: unavailable.
func (db *DB) Unname(ctx context.Context, identities []int64) error {
	return db.Write(ctx, func(tx *Tx) error {
		w := tx.w
		for _, id := range identities {
			if err := w.dropActor(ctx, id); err != nil {
				return err
			}
			err := w.exec(ctx, "UPDATE actor SET name = '' WHERE id = ? AND source = 'self' AND user_id NOT IN (SELECT id FROM user)", id)
			if err != nil {
				return err
			}
		}
		w.known.stale = true // it remembers the identities
		return nil
	})
}
