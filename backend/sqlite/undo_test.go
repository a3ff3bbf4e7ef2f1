package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"activitylog/backend/fault"
)

// Killed while it made the log, the program leaves a file whose changes stand half in
// it and half in a rollback journal. The next first run undoes them and makes the log.
func TestAKilledFirstRunIsUndone(t *testing.T) {
	half, o := testOptions(t.TempDir()), testOptions(t.TempDir())
	write(t, half.Path, "")
	conn := otherProgram(t, half.Path)
	for _, statement := range []string{
		"PRAGMA cache_size = 1", "BEGIN IMMEDIATE", "CREATE TABLE half (x)", // and so on, until pages go to the file
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO half SELECT zeroblob(3000) FROM n",
	} {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, end := range []string{"", "-journal"} { // as after kill -9: nobody holds a lock on these
		content, err := os.ReadFile(half.Path + end)
		if err != nil || len(content) == 0 {
			t.Fatalf("%s has %d bytes, %v", filepath.Base(half.Path+end), len(content), err)
		}
		write(t, o.Path+end, string(content))
	}
	if _, err := forProbing.probe(t.Context(), o.Path, 1); extendedCode(err) != codeReadOnlyRollback {
		t.Fatalf("there is nothing to undo: %v", err)
	}
	o.Create = false
	if db, err := Open(t.Context(), o); fault.CodeOf(err) != fault.NotFound {
		t.Fatalf("%v, %v", db, err)
	}
	o.Create = true
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 3))
	if checkLedger(t, db) != 3 {
		t.Error("not three went in")
	}
	if n := count(t, db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'"); n != 0 {
		t.Error("what was half done is there")
	}
}
