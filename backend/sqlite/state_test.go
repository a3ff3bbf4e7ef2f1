package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

func TestRolledBack(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 5))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	db = openTest(t, o)
	appendAll(t, db, bodies(5, 5))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	newer, err := os.ReadFile(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	state := func() State {
		db := openTest(t, o)
		defer db.Close()
		s := db.State()
		_, err := db.Append(t.Context(), bodies(20, 1))
		if refused := fault.CodeOf(err) == fault.Unavailable; refused != (s.Name != ledger.Sealed) {
			t.Errorf("%s, and appending says %v", s.Name, err)
		}
		if n := checkLedger(t, db); s.Name != ledger.Sealed && n != s.Size {
			t.Errorf("%s, %d rows", s.Name, n)
		}
		return s
	}
	write(t, o.Path, string(old))
	if s := state(); s.Name != ledger.RolledBack || s.Reason == "" || s.Size != 5 {
		t.Errorf("the old file: %+v", s)
	}
	write(t, o.Path, string(newer))
	if s := state(); s.Name != ledger.Sealed || s.Size != 10 {
		t.Errorf("the new file: %+v", s)
	}
	// Without the mark nobody can see it, which is what the mark is for.
	write(t, o.Path, string(old))
	if err := os.Remove(filepath.Join(dir, "state", "head")); err != nil {
		t.Fatal(err)
	}
	if s := state(); s.Name != ledger.Sealed {
		t.Errorf("without the mark: %+v", s)
	}
	write(t, filepath.Join(dir, "state", "head"), "not a mark")
	if s := state(); s.Name != ledger.RolledBack {
		t.Errorf("with a spoiled mark: %+v", s)
	}
}

// A log made from the same beginning by another way is not an extension of the mark.
func TestForkedLog(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 5))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	fork := testOptions(t.TempDir())
	if err := os.CopyFS(filepath.Dir(fork.Path)+"/copy", os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	fork.Path = filepath.Join(filepath.Dir(fork.Path), "copy", "activity.db")
	for _, f := range db.KeyFiles() {
		if err := os.Chmod(filepath.Join(filepath.Dir(fork.Path), "keys", filepath.Base(f)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		o    Options
		from int
	}{{o, 5}, {fork, 50}} {
		db := openTest(t, step.o)
		appendAll(t, db, bodies(step.from, 7))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	forked, err := os.ReadFile(fork.Path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, o.Path, string(forked))
	db = openTest(t, o)
	if s := db.State(); s.Name != ledger.RolledBack {
		t.Errorf("another history of the same length: %+v", s)
	}
}

func TestKeyMissing(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 3))
	files := db.KeyFiles()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Rename(f, f+".away"); err != nil {
			t.Fatal(err)
		}
	}
	db = openTest(t, o)
	if s := db.State(); s.Name != ledger.KeyMissing || s.Sealed != 3 {
		t.Errorf("%+v", s)
	}
	anonymous := bodies(3, 3)
	for i := range anonymous {
		anonymous[i].ExternalID = nil
	}
	appendAll(t, db, anonymous)
	if s := db.State(); s.Size != 6 || s.Sealed != 3 {
		t.Errorf("unsigned entries: %+v", s)
	}
	got, err := db.Append(t.Context(), bodies(7, 1))
	if err != nil || fault.CodeOf(got[0].Err) != fault.Unavailable || !strings.Contains(got[0].Err.Error(), "secret") {
		t.Errorf("an external id without the secret: %+v, %v", got, err)
	}
	checkLedger(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Rename(f+".away", f); err != nil {
			t.Fatal(err)
		}
	}
	db = openTest(t, o)
	if s := db.State(); s.Name != ledger.Unsealed {
		t.Errorf("with the key again: %+v", s)
	}
	failed := errors.New("failed")
	if err := db.Write(t.Context(), func(*Tx) error { return failed }); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if said := lateSignatures(t, db); len(said) != 0 || db.State().Name != ledger.Unsealed {
		t.Errorf("nothing was signed yet: %v, %+v", said, db.State())
	}
	appendAll(t, db, bodies(8, 1))
	if said := lateSignatures(t, db); len(said) != 1 || said[0] != `{"count":3,"first":4}` {
		t.Errorf("of the entries that are signed late the log says %v", said)
	}
	if s := db.State(); s.Name != ledger.Sealed || s.Sealed != 8 { // with the one that says so
		t.Errorf("after the next one: %+v", s)
	}
	checkLedger(t, db)
}

// lateSignatures returns what the log says of entries that were signed late.
func lateSignatures(t *testing.T, db *DB) []string {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), "SELECT json_extract(CAST(body AS TEXT), '$.parameters') FROM activity WHERE type = (SELECT id FROM type WHERE name = 'LogSealed') ORDER BY key")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var said []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		said = append(said, text)
	}
	return said
}

// Somebody who may write the file, but has no key, can have a process without the key
// put forged entries behind the last signed one. They are signed with the next one, but
// not silently.
func TestForgedEntriesAreNotSignedSilently(t *testing.T) {
	dir := copyLog(t, sampleOf(t).dir)
	elsewhere := copyLog(t, dir)
	keys, err := filepath.Glob(filepath.Join(elsewhere, "keys", "*.key"))
	if err != nil || len(keys) != 1 || os.Remove(keys[0]) != nil {
		t.Fatal(keys, err)
	}
	forger := openTest(t, testOptions(elsewhere))
	appendAll(t, forger, bodies(900, 2))
	if err := forger.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(elsewhere, "activity.db"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "activity.db"), string(file))
	if r := verifyIn(t, dir); r.State != ledger.Unsealed || r.ExitStatus() != 2 {
		t.Fatalf("%s\n%s", r.State, listed(r))
	}
	db := openTest(t, testOptions(dir))
	appendAll(t, db, bodies(910, 1))
	if said := lateSignatures(t, db); len(said) != 1 || said[0] != fmt.Sprintf(`{"count":2,"first":%d}`, sampleOf(t).size+1) {
		t.Errorf("of the forged entries the log says %v", said)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
}

// Whoever has no key can compute the tree anew, but not the signature: a head that
// does not go on from the last signed one is not signed by us either.
func TestRewrittenLogIsNotSigned(t *testing.T) {
	o := testOptions(t.TempDir())
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 9))
	key := db.KeyFiles()[0]
	if err := errors.Join(db.Close(), os.Rename(key, key+".away")); err != nil {
		t.Fatal(err)
	}
	db = openTest(t, o)
	appendAll(t, db, bodies(9, 3)) // the tail
	id := db.LogID()
	if err := errors.Join(db.Close(), os.Rename(key+".away", key), os.RemoveAll(filepath.Join(filepath.Dir(o.Path), "state"))); err != nil {
		t.Fatal(err)
	}
	control := openTest(t, o)
	if s := control.State(); s.Name != ledger.Unsealed {
		t.Fatalf("untouched: %+v", s)
	}
	if err := control.Close(); err != nil {
		t.Fatal(err)
	}
	rewrite(t, o.Path, id)
	if err := os.RemoveAll(filepath.Join(filepath.Dir(o.Path), "state")); err != nil {
		t.Fatal(err)
	}
	db = openTest(t, o)
	if s := db.State(); s.Name != ledger.Altered {
		t.Errorf("rewritten: %+v", s)
	}
	if _, err := db.Append(t.Context(), bodies(20, 1)); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("appending to it: %v", err)
	}
}

// rewrite changes entry 1 and computes the tree and the head anew.
func rewrite(t *testing.T, path string, id ledger.LogID) {
	t.Helper()
	conn := otherProgram(t, path)
	for _, q := range []string{"DROP TRIGGER entry_update", "UPDATE entry SET recorded_at = recorded_at + 1 WHERE seq = 1", "DELETE FROM node"} {
		if _, err := conn.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.QueryContext(t.Context(), "SELECT seq, recorded_at, commitment FROM entry ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var tree ledger.Tree
	nodes := map[int64]tlog.Hash{}
	for rows.Next() {
		var seq, at int64
		var c []byte
		if err := rows.Scan(&seq, &at, &c); err != nil {
			t.Fatal(err)
		}
		tree.Append(ledger.Leaf(id, seq, at, [32]byte(c)), func(index int64, h tlog.Hash) { nodes[index] = h })
	}
	rows.Close()
	for index, h := range nodes {
		if _, err := conn.ExecContext(t.Context(), "INSERT INTO node VALUES (?, ?)", index, h[:]); err != nil {
			t.Fatal(err)
		}
	}
	root := tree.Root()
	if _, err := conn.ExecContext(t.Context(), "UPDATE head SET root = ?", root[:]); err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// What another program changes while the log is open is met at the next write.
func TestAlteredWhileOpen(t *testing.T) {
	for name, change := range map[string]string{
		"root":      "UPDATE head SET root = zeroblob(32)",
		"size":      "UPDATE head SET size = size - 1",
		"note":      "UPDATE head SET note = replace(note, char(10) || '8' || char(10), char(10) || '7' || char(10))",
		"counted":   "UPDATE head SET counted = size + 1",
		"no count":  "UPDATE head SET counted = -1",
		"no head":   "DELETE FROM head",
		"tree":      "UPDATE node SET hash = zeroblob(32)",
		"no tree":   "DELETE FROM node",
		"last gone": "DROP TRIGGER entry_delete; PRAGMA foreign_keys = 0; DELETE FROM entry WHERE seq = 7",
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t, testOptions(t.TempDir()))
			appendAll(t, db, bodies(0, 8))
			run(t, db.options.Path, change)
			if _, err := db.Append(t.Context(), bodies(8, 1)); fault.CodeOf(err) != fault.Unavailable {
				t.Errorf("appending to it: %v", err)
			}
			if s := db.State(); s.Name != ledger.Altered {
				t.Errorf("%+v", s)
			}
		})
	}
	t.Run("control", func(t *testing.T) {
		db := openTest(t, testOptions(t.TempDir()))
		appendAll(t, db, bodies(0, 8))
		run(t, db.options.Path, "UPDATE head SET size = size")
		appendAll(t, db, bodies(8, 1))
	})
}
