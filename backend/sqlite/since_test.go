package sqlite

import (
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
		bounds.sinceRows, bounds.sinceWords = rows, min(rows, 5)
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
