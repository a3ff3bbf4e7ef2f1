package sqlite

import (
	"testing"

	"activitylog/backend/activity"
)

// calling is a body that only calls its site.
func calling(n int, site string) activity.Body {
	b := bodyAt(n, start)
	b.Site, b.SiteCalled = &activity.SiteRef{Kind: "other", Name: site}, activity.SiteCall{Text: site, Scope: activity.Scope{All: true}}
	return b
}

// siteOf is the site of the newest activity, as "id name".
func siteOf(t *testing.T, db *DB) (site string) {
	t.Helper()
	err := db.read.QueryRowContext(t.Context(), `SELECT concat_ws(' ', json_extract(body, '$.site.id'), json_extract(body, '$.site.name'))
		FROM (SELECT CAST(body AS TEXT) AS body FROM activity ORDER BY seq DESC LIMIT 1)`).Scan(&site)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// A site is found when the activity is stored: whoever renames it, in this process or
// another, the next activity knows.
func TestSitesAreFoundWhenStored(t *testing.T) {
	dir := t.TempDir()
	db, other := openTest(t, testOptions(dir)), openTest(t, testOptions(dir))
	n := 0
	record := func(text, want string) {
		t.Helper()
		n++
		appendAll(t, db, []activity.Body{calling(n, text)})
		if got := siteOf(t, db); got != want {
			t.Errorf("%q is stored as %q, want %q", text, got, want)
		}
	}
	const rename = "UPDATE measurable SET name = ? WHERE id = 1"
	renamed := func(db *DB, name string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bun().NewRaw(rename, name).Exec(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // from the table, then from memory
		record("1", "1 This log")
		record("this LOG", "1 This log")
		record("Shop", "Shop")
		record("2", "2")
		record("01", "01")
	}
	renamed(db, "Shop")
	record("Shop", "1 Shop")
	record("1", "1 Shop")
	record("This log", "This log")
	renamed(other, "Mall")
	record("1", "1 Mall")
	record("Shop", "Shop")
	record("Mall", "1 Mall")
	// Within the closure that renames it, and not beyond if that fails.
	for _, fails := range []bool{false, true} {
		n++
		err := db.Write(t.Context(), func(tx *Tx) error {
			if _, err := tx.Bun().NewRaw(rename, "Kiosk").Exec(t.Context()); err != nil {
				return err
			}
			if _, err := tx.Record(t.Context(), calling(n, "1")); err != nil || !fails {
				return err
			}
			return errClosed
		})
		if (err != nil) != fails {
			t.Fatal(err)
		}
		if !fails {
			if got := siteOf(t, db); got != "1 Kiosk" {
				t.Errorf("the closure that renames the site stores %q", got)
			}
			renamed(db, "Mall")
		}
	}
	record("Kiosk", "Kiosk")
	record("Mall", "1 Mall")
	checkLedger(t, db)
}

// Two people call a site the same, and mean what they have access to at that moment.
func TestSitesAreFoundWithinTheScope(t *testing.T) {
	dir := t.TempDir()
	db, other := openTest(t, testOptions(dir)), openTest(t, testOptions(dir))
	n := 0
	run := func(db *DB, query string) {
		t.Helper()
		err := db.Write(t.Context(), func(tx *Tx) error {
			_, err := tx.Bun().ExecContext(t.Context(), query)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	check := func(ann bool) {
		t.Helper()
		for range 2 { // from the tables, then from memory
			for scope, want := range map[activity.Scope]bool{{All: true}: true, {User: 7}: ann, {User: 8}: false, {}: false} {
				for text, name := range map[string]string{"1": "1 This log", "this log": "1 This log"} {
					b := calling(n, text)
					b.SiteCalled.Scope = scope
					n++
					appendAll(t, db, []activity.Body{b})
					if !want {
						name = text
					}
					if got := siteOf(t, db); got != name {
						t.Errorf("%q of %+v is stored as %q, want %q", text, scope, got, name)
					}
				}
			}
		}
	}
	run(db, "INSERT INTO user (id, login, login_key, email, name, password, super, disabled, version, created_at) VALUES (7, 'ann', 'ann', '', '', '', 0, 0, 1, 0)")
	check(false)
	run(db, "INSERT INTO access (user, site, level) VALUES (7, 1, 'write')")
	check(true)
	run(other, "DELETE FROM access")
	check(false)
}

// The same activity twice in one call is one, whatever it calls the site.
func TestSitesAreComparedAsFound(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	list := []activity.Body{calling(1, "1"), calling(1, "This log"), calling(1, "Shop")}
	for range 2 {
		got, err := db.Append(t.Context(), list)
		if err != nil || got[0].Conflict || got[1].Conflict || !got[1].Receipt.Duplicate || !got[2].Conflict {
			t.Errorf("%+v, %v", got, err)
		}
	}
}
