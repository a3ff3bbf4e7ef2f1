package sqlite

import (
	"slices"
	"testing"

	"activitylog/backend/activity"
)

func countedOf(t *testing.T, db *DB) (counted, size int64) {
	t.Helper()
	return count(t, db, "SELECT counted FROM head"), count(t, db, "SELECT size FROM head")
}

// What is not in the kept counts yet is counted all the same, and nothing changes
// when it gets there.
func TestCountsAreRightBeforeTheyAreKept(t *testing.T) {
	w := newWorld(t, 200, 23)
	if counted, size := countedOf(t, w.db); counted == 0 || counted > size-50 {
		t.Fatalf("%d of %d are counted: the test is of both kinds", counted, size)
	}
	// Somebody who only did what is not kept yet.
	b := w.model.rows[0].body
	b.Type, b.OccurredAt = "Plug/Latest", start.UnixMilli()+7
	b.Actor = activity.BodyActor{Kind: "user", Source: "self", Name: new("cyd"), User: new("3")}
	appendAll(t, w.db, []activity.Body{b})
	w.model.rows = append(w.model.rows, modelRow{seq: count(t, w.db, "SELECT size FROM head") - 1, at: b.OccurredAt, body: b, name: "cyd", user: 3, tokens: tokenize(activity.Words(b))})
	w.model.sort()

	check := func() (revisions [4]string) {
		t.Helper()
		for _, q := range []string{
			"", "actor:me", "actor:ann", "type:GoalAdded", "type:Plug/Latest", "site:shop", "actor:ann type:Plug", "-actor:ann", "-type:Plug -actor:bob", "actor:ann -site:shop",
			"after:2026-03-01T11:50 before:2026-03-01T13:07", "type:GoalAdded after:2026-03-01T12:00:00.001", "result:ok", "-source:import", "category:goals",
		} {
			for user := range int64(4) {
				w.compare(t, activity.Selection{Scope: activity.Scope{All: user == 0, User: user}, Caller: max(user, 1), Query: w.parse(t, q)})
			}
		}
		for user := range int64(4) {
			scope := activity.Scope{All: user == 0, User: user}
			w.compareLists(t, scope)
			r, err := w.db.Revision(t.Context(), scope)
			if err != nil {
				t.Fatal(err)
			}
			revisions[user] = r
		}
		return revisions
	}
	before := check()
	idle(w.db)
	if counted, size := countedOf(t, w.db); counted != size {
		t.Errorf("%d of %d are counted once nobody waits", counted, size)
	}
	if after := check(); after != before {
		t.Errorf("counting changes the revisions: %v, then %v", before, after)
	}
}

// compareLists holds the drop-downs against the model.
func (w *world) compareLists(t *testing.T, scope activity.Scope) {
	t.Helper()
	mine := w.model.matches(activity.Selection{Scope: scope})
	actors, err := w.db.Actors(t.Context(), scope, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, a := range actors {
		sum += a.N
	}
	if sum != int64(len(mine)) {
		t.Errorf("%+v: the actors did %d, want %d", scope, sum, len(mine))
	}
	var types []string
	for _, row := range mine {
		types = append(types, row.body.Type)
	}
	slices.Sort(types)
	got, err := w.db.TypeNames(t.Context(), scope)
	if err != nil || !slices.Equal(got, slices.Compact(types)) {
		t.Errorf("%+v: types %v, %v, want %v", scope, got, err, slices.Compact(types))
	}
}

// Two stores on one file, which learn of each other's counting, never leave more
// uncounted than a read may look at.
func TestFewAreEverUncounted(t *testing.T) {
	dir := t.TempDir()
	stores := []*DB{openTest(t, testOptions(dir)), openTest(t, testOptions(dir))}
	kept, most := 0, int64(0)
	for n := range 60 {
		db := stores[n/7%2]
		appendAll(t, db, bodies(n*16, 1+n%16))
		counted, size := countedOf(t, db)
		if most = max(most, size-counted); size-counted >= uncountedMost {
			t.Fatalf("%d of %d are counted", counted, size)
		}
		if counted == size {
			kept++
		}
		if n == 40 {
			idle(db)
		}
	}
	if kept == 0 || kept > 10 || most < uncountedMost/2 {
		t.Errorf("%d of 60 commits kept counts, at most %d were uncounted", kept, most)
	}
	for _, db := range stores {
		checkLedger(t, db)
	}
}
