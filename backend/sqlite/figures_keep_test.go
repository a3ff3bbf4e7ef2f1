//go:build bench

package sqlite

import (
	"context"
	"fmt"
	"strings"
	"time"

	"activitylog/backend/activity"
)

// keepTimes is in how many rounds what takes long is timed.
const keepTimes = 5

// figureStay are the types that no rule removes.
var figureStay = append(activity.NeverErased(), "ActorLinked", "UserRemoved", "LegalHoldSet", "LegalHoldLifted")

// Conditions of plain SQL over our own tables, of an activity a.
const (
	plainGoals = "a.type IN (SELECT id FROM type WHERE name LIKE 'Goal%')"
	plainShop  = "a.site IN (SELECT id FROM site WHERE name = 'Shop')"
	plainActor = "a.actor IN (SELECT id FROM actor WHERE name = 'person0')"
	plainWord  = "a.key IN (SELECT rowid FROM words WHERE words MATCH 'text:" + commonWord + "')"
	plainRare  = "a.key IN (SELECT rowid FROM words WHERE words MATCH 'text:" + rareWord + "')"

	plainKeys       = "SELECT a.seq, a.key FROM activity AS a WHERE a.key < ?"
	plainWordOnSite = "SELECT a.seq, a.key FROM words AS w CROSS JOIN activity AS a ON a.key = w.rowid WHERE w.rowid < ? AND w.words MATCH 'text:" + commonWord + "' AND +" + plainShop
)

// A sifting is what rules let go of, and holds keep, and how plain SQL lists what goes.
type sifting struct {
	name         string
	parts, holds []string
	plain        string // the query, or the end of plainKeys
}

var siftings = []sifting{
	{"all", []string{""}, nil, ""},
	{"a category", []string{"category:goals"}, nil, " AND +" + plainGoals},
	{"a word on a site", []string{commonWord + " site:Shop"}, nil, plainWordOnSite},
	{"a rare word", []string{rareWord}, nil, " AND " + plainRare},
	{"those three, then all", []string{"category:goals", commonWord + " site:Shop", rareWord, ""}, nil, ""},
	{"all; an actor is held", []string{""}, []string{"actor:person0"}, " AND NOT +" + plainActor},
	{"all; a rare word is held", []string{""}, []string{rareWord}, " AND NOT " + plainRare},
	{"all; a common word is held", []string{""}, []string{commonWord}, " AND NOT " + plainWord},
	{"a rare word; a site is held", []string{rareWord}, []string{"site:Shop"}, " AND " + plainRare + " AND NOT " + plainShop},
}

// sifting times what rules of one year find, which is half of the log. Plain SQL reads
// the same places and keys.
func (r *readings) sifting() {
	r.s.title("Dry run of retention, rules of one year")
	before := figureEnd.AddDate(-1, 0, 0).UnixMilli()
	for _, s := range siftings {
		sieve := activity.Sieve{Stay: figureStay, Hold: r.holds(s.holds...)}
		for _, text := range s.parts {
			sieve.Parts = append(sieve.Parts, activity.SievePart{Query: r.parse(text), Before: before})
		}
		query := s.plain
		if !strings.HasPrefix(query, "SELECT") {
			query = plainKeys + query
		}
		goes := int64(0)
		r.beside(s.name+", ms", func() {
			found, err := r.db.Sift(context.Background(), sieve)
			if err != nil {
				r.t.Fatal(err)
			}
			goes = found.Count
		}, func() { r.ownRows(query, before<<keyBits) }, keepTimes)
		var byHand int64
		if err := r.db.read.QueryRowContext(context.Background(), "SELECT count(*) FROM ("+query+")", before<<keyBits).Scan(&byHand); err != nil || goes != byHand {
			r.t.Errorf("%s: %d would go, by hand %d, %v", s.name, goes, byHand, err)
		}
		r.s.line("  %d would go", goes)
	}
}

func (r *readings) holds(texts ...string) (holds activity.Holds) {
	for _, text := range texts {
		holds.Queries = append(holds.Queries, r.parse(text).AsHeld(1)) // of which nothing is kept
	}
	return holds
}

// holding times whether something of what is to be erased is under hold.
func (r *readings) holding() {
	r.s.title("Held among what is to be erased, p50 of %d, ms", keepTimes)
	size := r.db.State().Size
	var apart [][2]int64
	for i := range int64(2000) {
		apart = append(apart, [2]int64{i * size / 2000, i * size / 2000})
	}
	third := size / 3
	r.s.line("%-22s %-16s %-16s %-16s %-16s", "", "one", "2000 apart", "2500 in a row", "half of the log")
	worst := 0.0
	for _, v := range pinnings {
		holds, line := r.holds(v.text), fmt.Sprintf("%-22s", v.name)
		for i, runs := range [][][2]int64{{{third, third}}, apart, {{third, third + 2499}}, {{0, size / 2}}} {
			p50 := r.heldAmong(holds, runs)
			if line += fmt.Sprintf(" %-16.2f", p50); i == 0 {
				worst = max(worst, p50)
			}
		}
		r.s.line("%s", line)
	}
	r.s.value("one, highest, ms", worst, atMost(50))
	for _, v := range []struct{ name, text, plain string }{{"an actor", "actor:person0", plainActor}, {"a common word", commonWord, plainWord}} {
		holds := r.holds(v.text)
		r.beside("one, "+v.name+", ms", func() { r.mustHeldAmong(holds, [2]int64{third, third}) },
			func() { r.ownRows("SELECT count(*) FROM activity AS a WHERE a.seq = ? AND "+v.plain, third) }, plainTimes)
		r.beside("half of the log, "+v.name+", ms", func() { r.mustHeldAmong(holds, [2]int64{0, size / 2}) },
			func() {
				r.ownRows("SELECT count(*) FROM activity AS a WHERE a.seq BETWEEN ? AND ? AND "+v.plain, 0, size/2)
			}, keepTimes)
	}
}

func (r *readings) heldAmong(holds activity.Holds, runs [][2]int64) float64 {
	r.t.Helper()
	var times []time.Duration
	for range keepTimes {
		begin := time.Now()
		r.mustHeldAmong(holds, runs...)
		times = append(times, time.Since(begin))
	}
	return sorted(times).at(50)
}

func (r *readings) mustHeldAmong(holds activity.Holds, runs ...[2]int64) {
	r.t.Helper()
	if _, err := r.db.HeldAmong(context.Background(), holds, runs); err != nil {
		r.t.Fatal(err)
	}
}
