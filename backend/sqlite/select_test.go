package sqlite

import (
	"fmt"
	"slices"
	"testing"

	"activitylog/backend/activity"
)

func (w *world) parse(t *testing.T, text string) activity.Query {
	t.Helper()
	q, err := activity.ParseQuery(text, activity.ParseOptions{Now: start, Categories: worldCategories})
	if err != nil {
		t.Fatalf("ParseQuery(%q): %v", text, err)
	}
	return q
}

func seqs(rows []activity.Stored) []int64 {
	out := make([]int64, len(rows))
	for i, row := range rows {
		out[i] = row.Seq
	}
	return out
}

func modelSeqs(rows []modelRow, newest bool) []int64 {
	out := make([]int64, len(rows))
	for i, row := range rows {
		out[i] = row.seq
	}
	if newest {
		slices.Reverse(out)
	}
	return out
}

// pages reads a whole answer page by page, on from its first row or back from its last.
func pages(t *testing.T, db *DB, sel activity.Selection, oldest, backward bool, limit int) []int64 {
	t.Helper()
	var all []int64
	seek := activity.Seek{Oldest: oldest, Backward: backward, Limit: limit}
	for {
		rows, err := db.Select(t.Context(), sel, seek)
		if err != nil {
			t.Fatalf("select %q: %v", sel.Query.Text, err)
		}
		if len(rows) == 0 {
			return all
		}
		if len(rows) > limit {
			t.Fatalf("select %q: %d rows, limit %d", sel.Query.Text, len(rows), limit)
		}
		if backward {
			all = append(seqs(rows), all...)
			seek.From = &rows[0].Key
		} else {
			all = append(all, seqs(rows)...)
			seek.From = &rows[len(rows)-1].Key
		}
		if len(rows) < limit {
			return all
		}
	}
}

// compare holds every read of a query against the model.
func (w *world) compare(t *testing.T, sel activity.Selection) {
	t.Helper()
	want := w.model.matches(sel)
	about := fmt.Sprintf("%q, scope %+v", sel.Query.Text, sel.Scope)
	limit := 500
	if w.rand.IntN(8) == 0 {
		limit = 1 + w.rand.IntN(60)
	}
	oldest, backward := w.rand.IntN(2) == 0, w.rand.IntN(2) == 0
	if got := pages(t, w.db, sel, oldest, backward, limit); !slices.Equal(got, modelSeqs(want, !oldest)) {
		t.Fatalf("%s: pages of %d (oldest %v, backward %v) give\n%v, want\n%v", about, limit, oldest, backward, got, modelSeqs(want, !oldest))
	}
	if len(want) > 0 && w.rand.IntN(3) == 0 {
		w.compareFrom(t, sel, want)
	}
	w.compareSkip(t, sel, modelSeqs(want, true))
	w.compareSince(t, sel, want)
	count, err := w.db.Count(t.Context(), sel, w.rand.IntN(2) == 0)
	if err != nil || count != (activity.Count{N: int64(len(want)), Exact: true}) {
		t.Fatalf("%s: count %+v, %v, want %d", about, count, err, len(want))
	}
	h, err := w.db.Histogram(t.Context(), sel, 1+w.rand.IntN(512))
	if err != nil {
		t.Fatalf("%s: histogram: %v", about, err)
	}
	if len(want) > 0 && (h.From != want[0].at || h.To != want[len(want)-1].at) {
		t.Fatalf("%s: histogram from %d to %d, want %d to %d", about, h.From, h.To, want[0].at, want[len(want)-1].at)
	}
	if h.Exact {
		compareBars(t, about, h, want)
	}
}

// compareFrom starts in the middle: at a row's time, and from a row.
func (w *world) compareFrom(t *testing.T, sel activity.Selection, want []modelRow) {
	t.Helper()
	at := pick(w.rand, want).at
	for _, oldest := range []bool{false, true} {
		seek := activity.Seek{Oldest: oldest, At: &at, Limit: 5}
		keep := func(row modelRow) bool { return oldest && row.at >= at || !oldest && row.at <= at }
		rest := modelSeqs(slices.DeleteFunc(slices.Clone(want), func(row modelRow) bool { return !keep(row) }), !oldest)
		got, err := w.db.Select(t.Context(), sel, seek)
		if err != nil || !slices.Equal(seqs(got), rest[:min(5, len(rest))]) {
			t.Fatalf("%q at %d (oldest %v): %v, %v, want %v", sel.Query.Text, at, oldest, seqs(got), err, rest)
		}
		back, err := w.db.Select(t.Context(), sel, activity.Seek{Oldest: oldest, Backward: true, From: &got[0].Key, Limit: 500})
		if before := modelSeqs(want, !oldest); err != nil || !slices.Equal(seqs(back), before[:len(want)-len(rest)]) {
			t.Fatalf("%q before %d (oldest %v): %v, %v", sel.Query.Text, at, oldest, seqs(back), err)
		}
	}
}

// compareSkip reads on behind some of the newest rows.
func (w *world) compareSkip(t *testing.T, sel activity.Selection, newest []int64) {
	t.Helper()
	n := 1 + w.rand.IntN(len(newest)+2)
	place, err := w.db.Skip(t.Context(), sel, int64(n))
	if err != nil || (place == nil) != (n > len(newest)) {
		t.Fatalf("%q, scope %+v: skip %d of %d: %v, %v", sel.Query.Text, sel.Scope, n, len(newest), place, err)
	}
	if place == nil {
		return
	}
	got, err := w.db.Select(t.Context(), sel, activity.Seek{From: place, Limit: 500})
	if err != nil || !slices.Equal(seqs(got), newest[n:]) {
		t.Fatalf("%q, scope %+v: behind %d: %v, %v, want %v", sel.Query.Text, sel.Scope, n, seqs(got), err, newest[n:])
	}
}

func compareBars(t *testing.T, about string, h activity.Histogram, want []modelRow) {
	t.Helper()
	bars := map[int64]int64{}
	for _, row := range want {
		bars[floorDiv(row.at, h.Width)*h.Width]++
	}
	if len(bars) != len(h.Buckets) || h.Width%SlotMillis != 0 {
		t.Fatalf("%s: %d bars of %d ms, want %d", about, len(h.Buckets), h.Width, len(bars))
	}
	for i, bar := range h.Buckets {
		if bars[bar.At] != bar.N || i > 0 && bar.At <= h.Buckets[i-1].At {
			t.Fatalf("%s: bar %+v, want %d", about, bar, bars[bar.At])
		}
	}
}

// The store answers random queries as a naive model does, whatever way to the
// answer the bounds make it take.
func TestReadsAgreeWithTheModel(t *testing.T) {
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	low, mixed, through := usual, usual, usual
	low.facets, low.others, low.anchorRows, low.nearRows, low.ipRows, low.ipWordsRows, low.span, low.wordsSpan, low.complement = 1, 0, -1, -1, -1, -1, 0, 0, 0
	low.ends, low.look, low.countLook, mixed.ends, mixed.look, mixed.countLook = 0, 0, 0, 1, 3, 20
	mixed.facets, mixed.others, mixed.anchorRows, mixed.nearRows, mixed.slots, mixed.ipRows, mixed.span, mixed.complement = 3, 3, 5, 20, 3, 10, 2, 10
	through.ends = 0
	for _, name := range []string{"usual", "low", "mixed", "through"} {
		t.Run(name, func(t *testing.T) {
			switch name {
			case "low":
				bounds = low
			case "mixed":
				bounds = mixed
			case "through":
				bounds = through
			default:
				bounds = usual
			}
			w := newWorld(t, 160, 1)
			rounds := 500
			if name == "usual" {
				rounds = 1000
			}
			for round := range rounds {
				q := w.parse(t, w.query())
				scope := []activity.Scope{{All: true}, {User: 2}, {All: true}, {User: 1}}[round%4]
				w.compare(t, activity.Selection{Scope: scope, Caller: 1 + w.rand.Int64N(2), Query: q})
			}
		})
	}
}
