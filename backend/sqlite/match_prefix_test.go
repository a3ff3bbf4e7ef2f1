package sqlite

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"activitylog/backend/activity"
)

// prefixLog is a log in which every fifth activity has a word of its own that begins
// with "ab", after "left" or "right", and every two hundredth one with "zq". Four are
// of the same time.
func prefixLog(t *testing.T) *DB {
	t.Helper()
	db := openTest(t, testOptions(t.TempDir()))
	list := bodies(0, 600)
	for i := range list {
		text := "dashboard dashes"
		list[i].OccurredAt = start.UnixMilli() + int64(i/4)
		switch {
		case i%5 == 0 && i%3 == 0:
			text = fmt.Sprintf("left äb%dx", i)
		case i%5 == 0:
			text = fmt.Sprintf("right AB%dx", i)
		case i%200 == 7:
			text = fmt.Sprintf("zq%d", i)
		}
		list[i].Parameters = json.RawMessage(fmt.Sprintf(`{"note":%q}`, text))
	}
	appendAll(t, db, list)
	return db
}

func TestPrefixes(t *testing.T) {
	db := prefixLog(t)
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	fifth := func(i int64) bool { return i%5 == 0 }
	rare := func(i int64) bool { return i%5 != 0 && i%200 == 7 }
	for i, test := range []struct {
		text  string
		want  func(i int64) bool
		ends  int // words it stands for, at most four
		looks bool
	}{
		{"ab*", fifth, 4, true},
		{"ÄB*", fifth, 4, true},
		{"ab15*", func(i int64) bool { return i == 15 || i/10 == 15 && fifth(i) }, 3, false},
		{`"left ab"*`, func(i int64) bool { return fifth(i) && i%3 == 0 }, 4, true},
		{`right* "left ab"*`, func(i int64) bool { return false }, 1, true},
		{"-ab*", func(i int64) bool { return !fifth(i) }, 4, true},
		{"-dash*", func(i int64) bool { return fifth(i) || rare(i) }, 2, false},
		{"dash*", func(i int64) bool { return !fifth(i) && !rare(i) }, 2, false},
		{"dash* -ab* actor:person3", func(i int64) bool { return !fifth(i) && !rare(i) && i%7 == 3 }, 2, true},
		{"ab* ip:203.0.113.15", func(i int64) bool { return i%250 == 15 }, 4, true},
		{"dash* ip:203.0.113.17", func(i int64) bool { return i%250 == 17 }, 2, false},
		{"zq*", rare, 3, false},
		{"zzq*", func(int64) bool { return false }, 0, false},
		{"-zzq* zq7*", func(i int64) bool { return i == 7 }, 1, false},
	} {
		q, err := activity.ParseQuery(test.text, activity.ParseOptions{Now: start})
		if err != nil {
			t.Fatal(err)
		}
		sel := activity.Selection{Scope: activity.Scope{All: true}, Query: q}
		var want []int64
		for i := range int64(600) {
			if test.want(i) {
				want = append(want, i)
			}
		}
		for k, ways := range []struct{ ends, look int }{{3, 20}, {0, 20}, {0, 0}, {100, 0}} {
			bounds.ends, bounds.look = ways.ends, ways.look
			oldest, backward := (i+k)%2 == 0, (i+k)/2%2 == 0
			got := pages(t, db, sel, oldest, backward, 5)
			if !oldest {
				slices.Reverse(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s %+v (oldest %v, backward %v): %v, want %v", test.text, ways, oldest, backward, got, want)
			}
			bounds.countLook = []int{1000, 0, 30, 1000}[k]
			if n, err := db.Count(t.Context(), sel, true); err != nil || n.N != int64(len(want)) {
				t.Errorf("%s %+v: %+v, %v, want %d", test.text, ways, n, err, len(want))
			}
			if h, err := db.Histogram(t.Context(), sel, 10); err != nil || len(want) > 0 && (h.From != start.UnixMilli()+want[0]/4 || h.To != start.UnixMilli()+want[len(want)-1]/4) {
				t.Errorf("%s %+v: %+v, %v", test.text, ways, h, err)
			}
		}
		bounds.ends, bounds.look = 3, 20
		m, err := compile(t.Context(), db.Read(), sel)
		if err != nil {
			t.Fatal(err)
		}
		ends := 0
		if len(m.words) > 0 {
			ends = len(m.words[0].ends)
		}
		if ends != test.ends || m.isWide() != test.looks || m.isWide() && m.byIP {
			t.Errorf("%s stands for %d words, wide: %v", test.text, ends, m.isWide())
		}
	}
}

// What begins often is found in the newest activities; what does not is left to the
// index after a look at a few.
func TestLookingThroughGivesUp(t *testing.T) {
	db := prefixLog(t)
	usual := bounds
	t.Cleanup(func() { bounds = usual })
	for _, test := range []struct {
		text          string
		look          int
		done, counted bool
	}{
		{"ab*", 20, true, false},
		{"ab*", 4, false, false},
		{"zq*", 20, false, false},
		{"zq* actor:person0", 20, true, true}, // all 86 of that actor
		{"ab* actor:person0", 20, true, true},
		{"zq* ip:203.0.113.7", 20, true, true},
		{"zq* object:goal", 20, false, false},             // whose rows may lie anywhere
		{"ab* object:goal actor:person0", 20, true, true}, // but those of an actor are few
		{"dash*", 20, false, false},                       // few words: the index is quick
	} {
		bounds.ends, bounds.look, bounds.facets, bounds.countLook = 2, test.look, 40, 90
		q, err := activity.ParseQuery(test.text, activity.ParseOptions{Now: start})
		if err != nil {
			t.Fatal(err)
		}
		m, err := compile(t.Context(), db.Read(), activity.Selection{Scope: activity.Scope{All: true}, Query: q})
		if err != nil {
			t.Fatal(err)
		}
		keys, done, err := m.lookThrough(t.Context(), db.Read(), m.from, m.to, true, 5)
		if err != nil || done != test.done || done != (len(keys) > 0) {
			t.Errorf("%+v: %v, %v, %v", test, keys, done, err)
		}
		_, counted, err := m.countThrough(t.Context(), db.Read())
		if err != nil || counted != test.counted {
			t.Errorf("%+v: counted %v, %v", test, counted, err)
		}
	}
}
