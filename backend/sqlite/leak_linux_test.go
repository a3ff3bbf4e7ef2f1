package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// openFiles returns which files in dir this process has open.
func openFiles(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	var names []string
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && strings.HasPrefix(name, dir) {
			names = append(names, name)
		}
	}
	return names
}

func TestCloseLeavesNoFileOpen(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	for name, use := range map[string]func(*DB){
		"nothing":   func(*DB) {},
		"append":    func(db *DB) { appendAll(t, db, bodies(0, 20)) },
		"read":      func(db *DB) { checkLedger(t, db) },
		"reconnect": func(db *DB) { db.writer.broken = true; appendAll(t, db, bodies(20, 1)) },
		"backup": func(db *DB) {
			if err := db.Backup(t.Context(), filepath.Join(dir, "copy.db")); err != nil {
				t.Error(err)
			}
		},
	} {
		db, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		use(db)
		if len(openFiles(t, dir)) == 0 {
			t.Errorf("%s: nothing is open while the log is", name) // the control
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if left := openFiles(t, dir); len(left) > 0 {
			t.Errorf("%s: left open: %v", name, left)
		}
	}
	o.Path = filepath.Join(dir, "foreign.db")
	write(t, o.Path, strings.Repeat("no database", 1000))
	if _, err := Open(t.Context(), o); err == nil {
		t.Error("it opened")
	}
	if left := openFiles(t, dir); len(left) > 0 {
		t.Errorf("refusing left open: %v", left)
	}
}
