package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// sayErased is what the program says of an erasure.
func sayErased(n int64, runs [][2]int64) activity.Body {
	said := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "LogErased")
	said.Parameters, _ = json.Marshal(map[string]any{"count": n, "runs": runs})
	return said
}

// batchOf imports bodies as a batch of their own.
func batchOf(t *testing.T, db *DB, list []activity.Body) int64 {
	t.Helper()
	batch, err := db.BeginBatch(t.Context(), "import:test/main", 0, start)
	if err != nil {
		t.Fatal(err)
	}
	got, err := db.AppendBatch(t.Context(), batch, list)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.Err != nil || r.Receipt.Duplicate {
			t.Fatalf("append %d: %+v", i, r)
		}
	}
	return batch
}

// secretBodies have a word of their own in every text, a type, an actor, a site, an
// object and an address that nothing else has.
func secretBodies(from, n int) []activity.Body {
	list := bodies(from, n)
	for i := range list {
		b := &list[i]
		b.Type, b.Actor.Name = "Kanarie/Seen", new(fmt.Sprintf("kanarie%d", i%3))
		b.Object = &activity.Object{Kind: "bird", ID: fmt.Sprintf("kanarie-%d", i), Name: "Kanarie of the mine"}
		b.Site = &activity.SiteRef{Kind: "other", Name: "Kanarie mine"}
		b.IP, b.UserAgent = new(fmt.Sprintf("198.51.100.%d", i%20)), new("kanarie/1.0")
		b.Parameters = json.RawMessage(fmt.Sprintf(`{"song":"kanarie %d"}`, i))
	}
	return list
}

// undo undoes a batch in steps of so many runs.
func undo(t *testing.T, db *DB, batch int64, step int) (n int64) {
	t.Helper()
	u, err := db.BeginUndo(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	runs := u.Runs
	for len(runs) > 0 {
		k := min(step, len(runs))
		gone, err := db.EraseBatch(t.Context(), batch, "", runs[:k], sayErased)
		if err != nil {
			t.Fatal(err)
		}
		n, runs = n+gone, runs[k:]
	}
	if n != u.Count {
		t.Errorf("%d of %d erased", n, u.Count)
	}
	return n
}

// holds reports in which of a log's files a word stands.
func holds(t *testing.T, dir, word string) (files []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "activity.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(text), []byte(word)) {
			files = append(files, filepath.Base(name))
		}
	}
	return files
}

func TestUndoLeavesNothingButThatItWas(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	appendAll(t, db, bodies(0, 300))
	kept := batchOf(t, db, bodies(300, 200))
	secret := secretBodies(1000, 400)
	batch := batchOf(t, db, secret[:150])
	appendAll(t, db, bodies(500, 40)) // between its rows, and not its own
	if _, err := db.AppendBatch(t.Context(), batch, secret[150:]); err != nil {
		t.Fatal(err)
	}
	counted := func() map[string]int64 {
		got := map[string]int64{}
		for _, table := range []string{"actor", "type", "source", "site", "object", "ip", "seen", "words", "activity"} {
			got[table] = count(t, db, "SELECT count(*) FROM "+table)
		}
		return got
	}
	before := counted()

	if n := undo(t, db, batch, 1); n != 400 {
		t.Errorf("%d erased", n)
	}
	if in := holds(t, dir, "kanarie"); len(in) == 0 {
		t.Fatal("the control: nothing to scrub was left anywhere")
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if in := holds(t, dir, "kanarie"); len(in) != 0 {
		t.Errorf("the text is still in %v", in)
	}
	if err := db.EndUndo(t.Context(), batch, nil); err != nil {
		t.Fatal(err)
	}
	after := counted()
	for table, lost := range map[string]int64{"activity": 398, "words": 398, "seen": 400, "actor": 2, "type": 0, "site": 1, "object": 400, "ip": 20} {
		if after[table] != before[table]-lost {
			t.Errorf("%s: %d rows, %d before, and not %d fewer", table, after[table], before[table], lost)
		}
	}
	if n := count(t, db, "SELECT count(*) FROM activity WHERE batch = ?", kept); n != 200 {
		t.Errorf("%d of another import are left", n)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	r := verifyIn(t, dir)
	if r.State != ledger.Verified || r.Erased != 400 || r.Entries != 942 {
		t.Errorf("%s, %d erased of %d\n%s", r.State, r.Erased, r.Entries, listed(r))
	}
}

// What was undone can be imported again, by whoever has the log open.
func TestWhatWasUndoneComesAgain(t *testing.T) {
	o := testOptions(t.TempDir())
	db, other := openTest(t, o), openTest(t, o)
	appendAll(t, other, bodies(0, 20))
	list := secretBodies(100, 60)
	batch := batchOf(t, db, list)
	got, err := other.AppendBatch(t.Context(), batch, list[:1]) // both remember the places of its values
	if err != nil || !got[0].Receipt.Duplicate {
		t.Fatalf("%+v, %v", got, err)
	}
	undo(t, db, batch, 1)
	batchOf(t, db, list[:30])
	batchOf(t, other, list[30:])
	if _, err := other.AppendBatch(t.Context(), batch, secretBodies(900, 1)); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("added to what is undone: %v", err)
	}
	if err := db.EndUndo(t.Context(), batch, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := db.BeginUndo(t.Context(), batch); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("undone twice: %v", err)
	}
	if _, err := db.BeginUndo(t.Context(), batch+100); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("one that never was: %v", err)
	}
	for _, each := range []*DB{db, other} {
		if err := each.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if r := verifyIn(t, filepath.Dir(o.Path)); r.State != ledger.Verified || r.Erased != 60 || r.Activities != 20+60+1 {
		t.Errorf("%s, %d erased, %d there\n%s", r.State, r.Erased, r.Activities, listed(r))
	}
}

// An undo that ends anywhere leaves a log that is verified, and goes on.
func TestUndoGoesOn(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	list := secretBodies(0, 50)
	for i := range list { // as times come in a file, in no order
		list[i].OccurredAt = start.Add(time.Duration(i*37%50) * time.Hour).UnixMilli()
	}
	batch := batchOf(t, db, list[:25])
	appendAll(t, db, bodies(500, 5))
	if _, err := db.AppendBatch(t.Context(), batch, list[25:]); err != nil {
		t.Fatal(err)
	}
	if _, err := db.EraseBatch(t.Context(), batch, "", [][2]int64{{0, 9}}, sayErased); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("erased without an undo: %v", err)
	}
	if _, err := db.BeginUndo(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if _, err := db.EraseBatch(t.Context(), batch, "1 UTC what is held", [][2]int64{{20, 33}}, sayErased); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("erased under other holds: %v", err)
	}
	if n, err := db.EraseBatch(t.Context(), batch, "", [][2]int64{{20, 33}}, sayErased); err != nil || n != 9 {
		t.Errorf("%d erased where others lie between, %v", n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified || r.Erased != 9 {
		t.Errorf("in the middle: %s, %d erased\n%s", r.State, r.Erased, listed(r))
	}
	db = openTest(t, testOptions(dir))
	if n := undo(t, db, batch, 1); n != 41 {
		t.Errorf("then %d", n)
	}
	if n, err := db.EraseBatch(t.Context(), batch, "", [][2]int64{{0, 60}}, sayErased); err != nil || n != 0 {
		t.Errorf("then %d more, %v", n, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified || r.Erased != 50 {
		t.Errorf("at the end: %s, %d erased\n%s", r.State, r.Erased, listed(r))
	}
}
