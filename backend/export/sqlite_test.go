package export

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/sqlite"
)

// opened is an exported file as a database.
func opened(t *testing.T, data []byte) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.sqlite")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, path
}

// table reads rows as texts, one line each.
func table(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for rows.Next() {
		cells := make([]any, len(names))
		for i := range cells {
			cells[i] = new(any)
		}
		if err := rows.Scan(cells...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, c := range cells {
			line = append(line, fmt.Sprint(*c.(*any)))
		}
		list = append(list, strings.Join(line, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// The file holds what NDJSON with the same columns holds, in its order, and is whole.
func TestASQLiteFileHoldsWhatNDJSONDoes(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 1203)
	super := as(1, access.Super)
	chosen := namesOf(columns)
	data, m := w.both(super, In{Query: "type:GoalAdded", Format: SQLite, Columns: chosen, Zone: "Asia/Tokyo"})
	db, path := opened(t, data)
	rows := table(t, db, "SELECT * FROM activity ORDER BY rowid")
	lines := strings.Split(strings.TrimSuffix(w.fetch(super, In{Query: "type:GoalAdded", Format: NDJSON, Columns: chosen, Zone: "Asia/Tokyo"}), "\n"), "\n")
	if len(rows) != 1203 || len(lines) != 1203 {
		t.Fatalf("%d rows, %d lines", len(rows), len(lines))
	}
	for i, line := range lines {
		var object map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, name := range chosen {
			cells = append(cells, plainCell(object[name]))
		}
		if want := strings.Join(cells, "|"); rows[i] != want {
			t.Fatalf("row %d is\n%s\nwant\n%s", i, rows[i], want)
		}
	}
	for query, want := range map[string]string{
		"PRAGMA integrity_check": "ok", "PRAGMA application_id": fmt.Sprint(0x41434c58), "PRAGMA user_version": "1", "PRAGMA journal_mode": "delete",
		"SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name)": "activity_actor_occurredMs activity_id activity_ip activity_objectKind_objectId activity_occurredMs activity_type_occurredMs",
		"SELECT group_concat(DISTINCT typeof(id) || typeof(occurredMs) || typeof(type)) FROM activity":                                "integerintegertext",
		"SELECT json_extract(data, '$.object.name') FROM activity LIMIT 1":                                                            "=cmd",
		"SELECT value FROM export WHERE name = 'query'":                                                                               "type:GoalAdded",
		"SELECT value FROM export WHERE name = 'count'":                                                                               "1203",
		"SELECT value FROM export WHERE name = 'zone'":                                                                                "Asia/Tokyo",
		"SELECT json_extract(value, '$.root') FROM export WHERE name = 'log'":                                                         *m.Log.Root,
		"SELECT count(*) FROM export WHERE name IN ('sha256', 'bytes')":                                                               "0",
	} {
		if got := table(t, db, query); len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if left := names(t, w.options.Dir); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	// It cannot be taken for a log.
	if _, err := sqlite.Open(t.Context(), sqlite.Options{Path: path, Now: time.Now, Tick: make(chan time.Time)}); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("opened as a log: %v", err)
	}
}

func plainCell(raw json.RawMessage) string {
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil {
		return string(raw)
	}
	if text == nil {
		return "<nil>"
	}
	return *text
}

// Fewer columns, fewer indexes; names that SQL knows are names all the same.
func TestASQLiteFileOfChosenColumns(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 3)
	data, _ := w.both(as(1, access.Super), In{Query: "type:GoalAdded", Format: SQLite, Columns: []string{"ip", "objectName", "type"}})
	db, _ := opened(t, data)
	if got := table(t, db, "SELECT * FROM activity"); strings.Join(got, " ") != "<nil>|=cmd|GoalAdded <nil>|=cmd|GoalAdded <nil>|=cmd|GoalAdded" {
		t.Errorf("%q", got)
	}
	if got := table(t, db, "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"); strings.Join(got, " ") != "activity_ip" {
		t.Errorf("%q", got)
	}
}

// Whatever ends it, nothing stays in the data directory; and what a killed process
// left goes after a day.
func TestASQLiteFileThatFailsLeavesNothing(t *testing.T) {
	w := newWorld(t)
	w.fill(1, 2*activity.MaxLimit)
	super, stop := context.WithCancel(as(1, access.Super))
	asked := 0
	seen := 0
	w.before = func() {
		if asked++; asked == 3 {
			seen = len(names(t, w.options.Dir))
			stop()
		}
	}
	file, err := w.Redeem(super, w.ticket(super, In{Query: "type:GoalAdded", Format: SQLite}))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if _, err := file.Write(super, &out); fault.CodeOf(err) != fault.Unavailable || out.Len() > 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	if left := names(t, w.options.Dir); seen != 1 || len(left) != 0 {
		t.Errorf("%d while it was made, %v after", seen, left)
	}
	for name, age := range map[string]time.Duration{"old": staleBase + time.Second, "new": staleBase - time.Second} {
		path := filepath.Join(w.options.Dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, w.clock().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	New(w.options)
	if left := names(t, w.options.Dir); strings.Join(left, " ") != "new" {
		t.Errorf("%v are left", left)
	}
	// A folder that cannot be made is said.
	w.options.Dir = filepath.Join(w.options.Dir, "new", "below")
	file, err = w.Redeem(as(1, access.Super), w.ticket(as(1, access.Super), In{Format: SQLite}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(context.Background(), &out); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("without its folder: %v", err)
	}
}
