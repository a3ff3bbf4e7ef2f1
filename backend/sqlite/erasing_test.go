package sqlite

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/erasure"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// beginErasing begins one and returns its number.
func beginErasing(t *testing.T, db *DB) int64 {
	t.Helper()
	id, err := db.BeginErasing(t.Context(), activity.Erasing{Kind: "test", StartedAt: start.UnixMilli(), Plan: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What is erased leaves no word in the files, the file shrinks, and the same comes in no
// more; what says what became of the log stays.
func TestEraseRunsForGood(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	appendAll(t, db, bodies(0, 30))
	secret := secretBodies(1000, 1500)
	batch := batchOf(t, db, secret)
	if err := db.EndBatch(t.Context(), batch, "done", start, []byte(`{"rejections":[{"reason":"kanarie"}],"conflicts":[]}`), sayErased(0, [][2]int64{})); err != nil {
		t.Fatal(err)
	}
	id := beginErasing(t, db)
	if _, err := db.BeginErasing(t.Context(), activity.Erasing{Kind: "test"}); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("two at once: %v", err)
	}
	n, kept, err := db.EraseRuns(t.Context(), id, "", [][2]int64{{30, 1530}}, sayErased)
	if err != nil || n != 1500 || kept != 1 {
		t.Fatalf("%d erased, %d kept, %v", n, kept, err)
	}
	if n, _, err := db.EraseRuns(t.Context(), id, "", [][2]int64{{30, 1529}}, sayErased); err != nil || n != 0 {
		t.Errorf("again %d, %v", n, err)
	}
	if in := holds(t, dir, "kanarie"); len(in) == 0 {
		t.Fatal("the control: nothing to scrub was left anywhere")
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := fileSize(t, db)
	freed, err := db.GiveBack(t.Context())
	if after := fileSize(t, db); err != nil || freed == 0 || before-after < freed {
		t.Errorf("%d bytes given back, %v; the file had %d, now %d", freed, err, before, after)
	}
	if n := count(t, db, "PRAGMA freelist_count"); n != 0 {
		t.Errorf("%d pages are free", n)
	}
	if in := holds(t, dir, "kanarie"); len(in) != 0 {
		t.Errorf("the text is still in %v", in)
	}
	end := start.Add(time.Minute).UnixMilli()
	if err := db.EndErasing(t.Context(), activity.Erasing{ID: id, State: activity.ErasingDone, FinishedAt: &end, Freed: freed}, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := db.EraseRuns(t.Context(), id, "", [][2]int64{{0, 9}}, sayErased); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("erased by one that ended: %v", err)
	}
	list, err := db.Erasings(t.Context(), "test", 10)
	if err != nil || len(list) != 1 || list[0].Erased != 1500 || list[0].Freed != freed || list[0].State != activity.ErasingDone || *list[0].FinishedAt != end {
		t.Errorf("%+v, %v", list, err)
	}
	again, err := db.AppendBatch(t.Context(), batchOf(t, db, bodies(5000, 1)), secret[:5])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if !r.Erased {
			t.Errorf("it came back: %+v", r)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified || r.Erased != 1500 {
		t.Errorf("%s, %d erased\n%s", r.State, r.Erased, listed(r))
	}
}

func fileSize(t *testing.T, db *DB) int64 {
	t.Helper()
	info, err := os.Stat(db.options.Path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// What an undo is about to free is left to it: it alone frees external ids.
func TestErasingLeavesUndoingAlone(t *testing.T) {
	dir := t.TempDir()
	db, other := openTest(t, testOptions(dir)), openTest(t, testOptions(dir))
	batch := batchOf(t, db, secretBodies(0, 10))
	id := beginErasing(t, other)
	if n, _, err := other.EraseRuns(t.Context(), id, "", [][2]int64{{0, 1}}, sayErased); err != nil || n != 2 {
		t.Fatalf("%d, %v", n, err)
	}
	all := activity.Sieve{Parts: []activity.SievePart{{Before: 1 << 42}}, Stay: []string{"LogErased"}}
	if found, err := other.Sift(t.Context(), all); err != nil || found.Count != 8 {
		t.Errorf("before, %d would go: %v", found.Count, err)
	}
	if _, err := db.BeginUndo(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if found, err := other.Sift(t.Context(), all); err != nil || found.Count != 0 {
		t.Errorf("%d would go: %v", found.Count, err)
	}
	if n, kept, err := other.EraseRuns(t.Context(), id, "", [][2]int64{{2, 5}}, sayErased); err != nil || n != 0 || kept != 4 {
		t.Errorf("%d erased, %d kept, %v", n, kept, err)
	}
	if n := undo(t, db, batch, 1); n != 8 {
		t.Errorf("then %d undone", n)
	}
	for _, each := range []*DB{db, other} {
		if err := each.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified || r.Erased != 10 {
		t.Errorf("%s, %d erased\n%s", r.State, r.Erased, listed(r))
	}
}

// What another log said of itself is no word of this one, and goes like anything else.
func TestWhatAnotherLogSaidGoes(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	appendAll(t, db, bodies(0, 1))
	id := beginErasing(t, db)
	if n, _, err := db.EraseRuns(t.Context(), id, "", [][2]int64{{0, 0}}, sayErased); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	foreign := secretBodies(1000, 2)
	foreign[0].Type, foreign[1].Type = "LogErased", "UserRemoved"
	batchOf(t, db, foreign) // places 2 and 3; 1 is this log's own LogErased
	sifted, err := db.Sift(t.Context(), activity.Sieve{
		Parts: []activity.SievePart{{Before: start.Add(time.Hour).UnixMilli()}}, Stay: []string{"LogErased", "UserRemoved"},
	})
	if text, _ := json.Marshal(sifted.Runs); err != nil || string(text) != "[[2,3]]" {
		t.Errorf("a rule lets go of %s, %v", text, err)
	}
	found, err := db.Erasable(t.Context(), erasure.Wanted{Texts: []string{"kanarie"}})
	if text, _ := json.Marshal(found.Runs); err != nil || string(text) != "[[2,3]]" || len(found.Lasting) != 0 {
		t.Errorf("of a person goes %s, %v stays, %v", text, found.Lasting, err)
	}
	if n, kept, err := db.EraseRuns(t.Context(), id, "", [][2]int64{{1, 3}}, sayErased); err != nil || n != 2 || kept != 1 {
		t.Errorf("%d erased, %d kept, %v", n, kept, err)
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if in := holds(t, dir, "kanarie"); len(in) != 0 {
		t.Errorf("the text is still in %v", in)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified {
		t.Errorf("%s\n%s", r.State, listed(r))
	}
}

// Each activity goes by the first part that it comes to.
func TestSift(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	list := bodies(0, 40)
	for i := range list {
		b := &list[i]
		b.OccurredAt = start.Add(time.Duration(i) * time.Hour).UnixMilli()
		b.Type = []string{"GoalAdded", "UserLoggedIn", "LogErased", "SegmentCreated"}[i%4]
		if b.Type == "LogErased" {
			b.Source, b.ExternalID = "cli", nil
		}
		b.Parameters = json.RawMessage(`{}`)
		if i < 8 {
			b.Parameters = json.RawMessage(`{"text":"hostage"}`)
		}
	}
	appendAll(t, db, list)
	at := func(hour int) int64 { return start.Add(time.Duration(hour) * time.Hour).UnixMilli() }
	types := func(names ...string) activity.Query { return typesNamed(names) }
	got, err := db.Sift(t.Context(), activity.Sieve{
		Parts: []activity.SievePart{
			{Query: types("UserLoggedIn"), Before: at(30), Keep: true},
			{Query: types("GoalAdded"), Before: at(12)},
			{Query: types("GoalAdded", "SegmentCreated"), Before: at(40)}, // goals came to the part before
			{Before: at(20)},
		},
		Hold: activity.Holds{Queries: []activity.Query{{Words: []activity.Word{{Text: "hostage"}}}}},
		Stay: []string{"LogErased"},
	})
	if err != nil {
		t.Fatal(err)
	}
	oldest := func(p activity.SiftedPart) any {
		if p.Oldest == nil {
			return nil
		}
		return (*p.Oldest - start.UnixMilli()) / time.Hour.Milliseconds()
	}
	want := []struct {
		n, held int64
		oldest  any
	}{{0, 0, nil}, {1, 2, int64(8)}, {8, 2, int64(11)}, {0, 0, nil}}
	for i, p := range got.Parts {
		if w := want[i]; p.Count != w.n || p.Held != w.held || oldest(p) != w.oldest {
			t.Errorf("part %d: %d, %d held, oldest %v; want %+v", i, p.Count, p.Held, oldest(p), w)
		}
	}
	if text, _ := json.Marshal(got.Runs); got.Count != 9 || got.Body == 0 || string(text) != "[[8,8],[11,11],[15,15],[19,19],[23,23],[27,27],[31,31],[35,35],[39,39]]" {
		t.Errorf("%d at %s, bodies of %d bytes", got.Count, text, got.Body)
	}
	all, err := db.Sift(t.Context(), activity.Sieve{Parts: []activity.SievePart{{Before: at(20)}}})
	if err != nil || all.Count != 20 {
		t.Errorf("all: %+v, %v", all, err)
	}
	if none, err := db.Sift(t.Context(), activity.Sieve{}); err != nil || none.Count != 0 || none.Runs != nil {
		t.Errorf("nothing: %+v, %v", none, err)
	}
}
