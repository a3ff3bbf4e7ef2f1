package sqlite

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"
)

// tamper changes a closed log from outside: through a plain connection that knows
// nothing of ours, with the triggers taken away and put back.
func tamper(t testing.TB, dir string, statements ...string) {
	t.Helper()
	pool := plainPool(t, dir)
	defer pool.Close()
	rows, err := pool.Query("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	var drop, again []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		drop, again = append(drop, "DROP TRIGGER "+name), append(again, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	rows.Close()
	for _, list := range [][]string{drop, statements, again} {
		for _, text := range list {
			if _, err := pool.Exec(text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
	}
}

func plainPool(t testing.TB, dir string) *sql.DB {
	t.Helper()
	pool, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.Join(dir, "activity.db"), OmitHost: true, RawQuery: "_pragma=synchronous(OFF)"}).String())
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(1)
	return pool
}
