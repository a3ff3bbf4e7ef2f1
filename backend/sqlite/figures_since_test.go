//go:build bench

package sqlite

import (
	"context"
	"fmt"
	"time"

	"activitylog/backend/activity"
)

// A pinning is a view in the side bar, with what plain SQL asks of each row.
type pinning struct{ name, text, plain string }

// pinnings are twenty, as many as one person may pin.
var pinnings = []pinning{
	{"everything", "", "1"},
	{"an actor", "actor:person0", "+a.actor = (SELECT id FROM actor WHERE name = 'person0')"},
	{"a rare actor", "actor:person290", ""},
	{"a type", "type:GoalChanged", "+a.type = (SELECT id FROM type WHERE name = 'GoalChanged')"},
	{"a rare type", "type:PrivacyDntEnabled", ""},
	{"a category", "category:goals", ""},
	{"a site", "site:Blog", ""},
	{"actor and type", "actor:person3 type:SegmentUpdated", ""},
	{"all but a type", "-type:UserLoggedIn", ""},
	{"an object", "object:goal:17", ""},
	{"a kind of object", "object:segment", ""},
	{"addresses", "ip:203.3.113.0/28", ""},
	{"an address", "ip:203.3.113.1", ""},
	{"failed", "result:failed", ""},
	{"failed, in a month", "result:failed after:2025-03-01 before:2025-04-01", ""},
	{"a common word", commonWord, "a.key IN (SELECT rowid FROM words WHERE words MATCH 'text:" + commonWord + "')"},
	{"a rare word", rareWord, "a.key IN (SELECT rowid FROM words WHERE words MATCH 'text:" + rareWord + "')"},
	{"a word on a site", commonWord + " site:Docs", ""},
	{"a prefix", commonWord[:5] + "*", ""},
	{"a letter, and failed", commonWord[:1] + "* result:failed", ""},
}

const sinceTimes = 20

// since times counting what is new in each of those views, seen a while ago.
func (r *readings) since() {
	r.s.title("New in a pinned view, p50 / p99 of %d each, ms", sinceTimes)
	size := r.db.State().Size
	places := []int64{size - 100, size - 5000, size - 100_000, 0}
	r.s.line("%-22s %-16s %-16s %-16s %-16s", "entries since it was seen", "100", "5000", "100000", "all")
	worst, sums, exact := 0.0, make([]float64, len(places)), 0
	for _, v := range pinnings {
		line, sel := fmt.Sprintf("%-22s", v.name), r.selection(superScope, v.text)
		for i, seq := range places {
			d, c := r.countedSince(sel, max(seq, 0))
			line += fmt.Sprintf(" %-16s", fmt.Sprintf("%.2f / %.2f", d.at(50), d.at(99)))
			worst, sums[i] = max(worst, d.at(99)), sums[i]+d.at(50)
			if c.Exact || c.N == activity.NewMost {
				exact++
			}
		}
		r.s.line("%s", line)
	}
	r.s.line("%-22s %-16.0f %-16.0f %-16.0f %-16.0f", "all twenty", sums[0], sums[1], sums[2], sums[3])
	r.s.line("%d of %d are exact, or more than are counted", exact, len(pinnings)*len(places))
	r.s.value("highest p99, ms", worst, atMost(50))
	for _, v := range pinnings {
		if v.plain == "" {
			continue
		}
		sel, seq := r.selection(superScope, v.text), size-5000
		query := "SELECT count(*) FROM (SELECT 1 FROM activity AS a WHERE a.seq >= ? AND " + v.plain + " LIMIT 1000)"
		r.beside("5000, "+v.name+", ms", func() { r.mustCountSince(sel, seq) }, func() { r.ownRows(query, seq) }, plainTimes)
	}
}

func (r *readings) countedSince(sel activity.Selection, seq int64) (d durations, c activity.Count) {
	r.t.Helper()
	var times []time.Duration
	for i := range sinceTimes + 2 {
		begin := time.Now()
		c = r.mustCountSince(sel, seq)
		if i >= 2 {
			times = append(times, time.Since(begin))
		}
	}
	return sorted(times), c
}

func (r *readings) mustCountSince(sel activity.Selection, seq int64) activity.Count {
	r.t.Helper()
	c, err := r.db.CountSince(context.Background(), sel, seq)
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}
