package sqlite

import (
	"errors"
	"testing"
	"time"

	"activitylog/backend/activity"
)

// compareSince counts from a random place on, with looks of all lengths: what is said to
// be exact is, and there are never fewer than it says.
func (w *world) compareSince(t *testing.T, sel activity.Selection, want []modelRow) {
	t.Helper()
	usual := bounds
	defer func() { bounds = usual }()
	seq := int64(w.rand.IntN(len(w.model.rows) + 3))
	n := int64(0)
	for _, row := range want {
		if row.seq >= seq {
			n++
		}
	}
	for _, rows := range []int{usual.sinceRows, pick(w.rand, []int{1, 7, 40})} {
		bounds.sinceRows, bounds.sinceWords, bounds.sinceBodies = rows, min(rows, 5), rows
		got, err := w.db.CountSince(t.Context(), sel, seq)
		if err != nil || got.N > n || got.Exact && got.N != n || rows == usual.sinceRows && !got.Exact {
			t.Fatalf("%q, scope %+v, from %d on, %d rows looked through: %+v, %v, want %d", sel.Query.Text, sel.Scope, seq, rows, got, err, n)
		}
	}
}

// What was recorded later counts as new however long ago it happened, and more than 999
// are not counted.
func TestCountSinceIsByPlace(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	record := func(from, n int, by time.Duration) {
		t.Helper()
		list := bodies(from, n)
		for i := range list {
			list[i].OccurredAt += by.Milliseconds()
		}
		if _, err := db.Append(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	all := activity.Selection{Scope: activity.Scope{All: true}}
	zero := all
	zero.Query = activity.Query{Filters: []activity.Filter{{Field: activity.ByType, Value: "Type0"}}}
	expect := func(sel activity.Selection, seq int64, want activity.Count) {
		t.Helper()
		if got, err := db.CountSince(t.Context(), sel, seq); err != nil || got != want {
			t.Errorf("%v from %d on: %+v, %v, want %+v", sel.Query.Filters, seq, got, err, want)
		}
	}
	base := db.State().Size
	record(0, 10, 0)
	expect(all, base+10, activity.Count{Exact: true})
	record(10, 20, -3000*time.Hour) // an import of old activity
	expect(all, base+10, activity.Count{N: 20, Exact: true})
	expect(zero, base+10, activity.Count{N: 4, Exact: true})
	expect(activity.Selection{Scope: activity.Scope{User: 1}}, 0, activity.Count{Exact: true})
	record(30, 1000, time.Hour)
	expect(all, base+30, activity.Count{N: activity.NewMost})
	expect(all, base+31, activity.Count{N: 999, Exact: true})
	expect(zero, base+30, activity.Count{N: 200, Exact: true})
}

// What no index answers is looked for in the newest entries, however few of all match.
func TestCountSinceIsBounded(t *testing.T) {
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	bounds.sinceRows, bounds.facets, bounds.ipRows = 30, 1, -1
	bounds.sinceWords, bounds.sinceBodies, bounds.ends = 30, 30, 0
	db := openTest(t, testOptions(t.TempDir()))
	list := bodies(0, 60)
	for i := range list {
		b := &list[i]
		b.OccurredAt, b.Parameters = start.UnixMilli()+int64(i), []byte(`{"a":"zebra"}`)
		b.IP = new("203.0.113." + string(rune(48+i%2)))
		b.Object = &activity.Object{Kind: "goal", ID: string(rune('a' + i%3)), Name: "goal"}
		if i >= 20 { // the newest forty are of another kind
			b.IP, b.Parameters, b.Object = new("2001:db8::1"), []byte(`{"a":"lion"}`), nil
		}
	}
	appendAll(t, db, list)
	for text, want := range map[string]activity.Count{
		"ip:203.0.113.0/24": {}, "ip:2001:db8::/64": {N: 30}, "object:goal": {}, "zeb*": {}, "lio*": {N: 30},
		"zebra": {N: 20, Exact: true}, // the index has them
	} {
		q, err := activity.ParseQuery(text, activity.ParseOptions{Now: start})
		if err != nil {
			t.Fatal(err)
		}
		sel := activity.Selection{Scope: activity.Scope{All: true}, Query: q}
		if got, err := db.CountSince(t.Context(), sel, 0); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
	// What cannot be read may be new.
	size := db.State().Size
	err := db.Write(t.Context(), func(tx *Tx) error {
		return errors.Join(tx.w.exec(t.Context(), "DROP TRIGGER activity_update"), tx.w.exec(t.Context(), "UPDATE activity SET body = x'7b' WHERE seq = ?", size-5))
	})
	if err != nil {
		t.Fatal(err)
	}
	q, err := activity.ParseQuery("lio*", activity.ParseOptions{Now: start})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.CountSince(t.Context(), activity.Selection{Scope: activity.Scope{All: true}, Query: q}, size-10); err != nil || got.Exact {
		t.Errorf("with one that cannot be read: %+v, %v", got, err)
	}
}
