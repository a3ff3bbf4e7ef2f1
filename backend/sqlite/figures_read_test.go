//go:build bench

package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

const (
	readTimes  = 200
	plainTimes = 10 // of what plain SQLite may take long for
)

// readings are timed one after another on the finished databases, warm.
type readings struct {
	t     testing.TB
	s     *sheet
	db    *DB
	cat   *catalog.Catalog
	p     *plain
	maker *plainMaker
}

func (r *readings) parse(text string) activity.Query {
	r.t.Helper()
	q, err := activity.ParseQuery(text, activity.ParseOptions{Now: figureEnd, Zone: time.UTC, Categories: r.cat.CategoryTypes})
	if err != nil {
		r.t.Fatalf("%s: %v", text, err)
	}
	return q
}

var (
	superScope = activity.Scope{All: true}
	boScope    = activity.Scope{User: asBo.UserID}
)

func (r *readings) selection(scope activity.Scope, text string) activity.Selection {
	return activity.Selection{Scope: scope, Caller: max(scope.User, 1), Query: r.parse(text)}
}

// pageQueries are the twelve. A user asks for its own activity where a super user
// asks for somebody's.
var pageQueries = []struct{ name, super, own string }{
	{"everything", "", ""},
	{"an actor", "actor:person0", "actor:me"},
	{"a type", "type:GoalChanged", "type:GoalChanged"},
	{"a rare type", "type:PrivacyDntEnabled", "type:PrivacyDntEnabled"},
	{"a category", "category:goals", "category:goals"},
	{"a site", "site:Blog", "site:Blog"},
	{"actor and type", "actor:person3 type:SegmentUpdated", "actor:me type:SegmentUpdated"},
	{"all but a type", "-type:UserLoggedIn", "-type:UserLoggedIn"},
	{"an object", "object:goal:17", "object:goal:17"},
	{"addresses", "ip:203.3.113.0/28", "ip:203.3.113.0/28"},
	{"failed, in a month", "result:failed after:2025-03-01 before:2025-04-01", "result:failed after:2025-03-01 before:2025-04-01"},
	{"a word on a site", commonWord + " site:Docs", commonWord + " site:Docs"},
}

// pages times the first page of 50, as the service asks for it, and pages at random
// times of the log.
func (r *readings) pages() {
	r.s.title("Pages of 50 in the store, p50 / p99 of %d each, ms", readTimes)
	r.s.line("%-22s %-16s %-16s %-16s %-16s", "", "super, first", "super, deep", "own, first", "own, deep")
	worst, within, all := 0.0, 0, 0
	for _, q := range pageQueries {
		line := fmt.Sprintf("%-22s", q.name)
		for _, sel := range []activity.Selection{r.selection(superScope, q.super), r.selection(boScope, q.own)} {
			for _, deep := range []bool{false, true} {
				d := r.page(sel, deep)
				line += fmt.Sprintf(" %-16s", fmt.Sprintf("%.2f / %.2f", d.at(50), d.at(99)))
				worst = max(worst, d.at(99))
				all++
				if d.at(99) <= 10 {
					within++
				}
			}
		}
		r.s.line("%s", line)
	}
	r.s.value("highest p99, ms", worst, atMost(10))
	r.s.line("%d of %d are within 10 ms", within, all)
	r.plainPages()
}

func (r *readings) page(sel activity.Selection, deep bool) durations {
	r.t.Helper()
	random := rand.New(rand.NewPCG(3, 3))
	var times []time.Duration
	for i := range readTimes + 5 {
		seek := activity.Seek{Limit: 51}
		if deep {
			from, to := figureStart.UnixMilli(), figureEnd.UnixMilli()
			if sel.Query.After != nil {
				from, to = *sel.Query.After, *sel.Query.Before
			}
			at := activity.Position((from + random.Int64N(to-from)) << keyBits)
			seek.From = &at
		}
		begin := time.Now()
		if _, err := r.db.Select(context.Background(), sel, seek); err != nil {
			r.t.Fatal(err)
		}
		if i >= 5 {
			times = append(times, time.Since(begin))
		}
	}
	return sorted(times)
}

// plainPages compares three of them with what plain SQLite does for the same page,
// with an index for it; the bodies are read, not decoded.
func (r *readings) plainPages() {
	const columns = "SELECT key, seq, actor, type, site, object, body FROM activity "
	for _, q := range []struct{ name, text, where string }{
		{"everything, first page, ms", "", "WHERE ?1 = ?1"},
		{"an actor, first page, ms", "actor:person0", "WHERE actor = ?"},
		{"a type, first page, ms", "type:GoalChanged", "WHERE type = ?"},
	} {
		id := r.maker.id("a", "person0")
		if q.text == "type:GoalChanged" {
			id = r.maker.id("y", "GoalChanged")
		}
		sel := r.selection(superScope, q.text)
		r.beside(q.name, func() { r.mustSelect(sel, activity.Seek{Limit: 51}) }, func() { r.plainRows(columns+q.where+" ORDER BY key DESC LIMIT 51", id) }, readTimes)
	}
}

func (r *readings) mustSelect(sel activity.Selection, seek activity.Seek) {
	r.t.Helper()
	if _, err := r.db.Select(context.Background(), sel, seek); err != nil {
		r.t.Fatal(err)
	}
}

// plainRows reads all rows of a query from the plain store and forgets them.
func (r *readings) plainRows(query string, args ...any) (first int64) {
	r.t.Helper()
	return r.rowsIn(r.p.read, query, args...)
}

// ownRows is plainRows over our own tables, with the indexes that those have.
func (r *readings) ownRows(query string, args ...any) {
	r.t.Helper()
	r.rowsIn(r.db.read, query, args...)
}

func (r *readings) rowsIn(db *sql.DB, query string, args ...any) (first int64) {
	r.t.Helper()
	rows, err := db.QueryContext(context.Background(), query, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			r.t.Fatal(err)
		}
		if n, ok := values[0].(int64); ok && first == 0 {
			first = n
		}
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return first
}

// beside runs ours and plain in turn, in five rounds, and prints both and the ratio.
func (r *readings) beside(name string, ours, plain func(), times int) {
	const rounds = 5
	var a50, b50, ratio []float64
	ours()
	plain()
	for range rounds {
		var a, b []time.Duration
		for range max(times/rounds, 1) {
			begin := time.Now()
			ours()
			a = append(a, time.Since(begin))
			begin = time.Now()
			plain()
			b = append(b, time.Since(begin))
		}
		x, y := sorted(a).at(50), sorted(b).at(50)
		a50, b50, ratio = append(a50, x), append(b50, y), append(ratio, x/y)
	}
	r.s.compare(name, spreadOf(a50), spreadOf(b50), spreadOf(ratio), nil)
}

// A counting is a question about how many, and how plain SQL asks it of our own
// database.
type counting struct {
	name, text, where string
	args              []any
	plain             string // of the plain one, with an index for it
	plainArg          any
}

func (r *readings) countings() []counting {
	from := time.Date(2025, 2, 3, 4, 5, 6, 0, time.UTC)
	to := from.AddDate(0, 7, 0)
	days := fmt.Sprintf("after:%s before:%s", from.Format("2006-01-02T15:04:05"), to.Format("2006-01-02T15:04:05"))
	keys := []any{from.UnixMilli() << keyBits, to.UnixMilli() << keyBits}
	const dates = " WHERE key >= ? AND key < ?"
	return []counting{
		{"all", "", "", nil, "SELECT count(*) FROM activity WHERE ?1 = ?1", 1},
		{"an actor", "actor:person0", " WHERE actor IN (SELECT id FROM actor WHERE name = 'person0')", nil, "SELECT count(*) FROM activity WHERE actor = ?", r.maker.id("a", "person0")},
		{"a type", "type:GoalChanged", " WHERE type = (SELECT id FROM type WHERE name = 'GoalChanged')", nil, "SELECT count(*) FROM activity WHERE type = ?", r.maker.id("y", "GoalChanged")},
		{"a site", "site:Shop", " WHERE site IN (SELECT id FROM site WHERE name = 'Shop')", nil, "SELECT count(*) FROM activity WHERE site = ?", r.maker.id("s", "Shop")},
		{"dates", days, dates, keys, "", nil},
		{"a type and dates", "type:GoalChanged " + days, dates + " AND type = (SELECT id FROM type WHERE name = 'GoalChanged')", keys, "", nil},
	}
}

// counts times counts and histograms, and counts again by hand.
func (r *readings) counts() {
	r.s.title("Counts and histograms, p50 / p99 of %d each, ms", readTimes)
	ctx, worst := context.Background(), 0.0
	list := r.countings()
	for _, c := range list {
		sel := r.selection(superScope, c.text)
		var n activity.Count
		var h activity.Histogram
		counted := r.timed(func() (err error) { n, err = r.db.Count(ctx, sel, false); return err })
		spread := r.timed(func() (err error) { h, err = r.db.Histogram(ctx, sel, 512); return err })
		var byHand, bars int64
		if err := r.db.read.QueryRowContext(ctx, "SELECT count(*) FROM activity"+c.where, c.args...).Scan(&byHand); err != nil {
			r.t.Fatal(err)
		}
		for _, b := range h.Buckets {
			bars += b.N
		}
		if !n.Exact || !h.Exact || n.N != byHand || bars != byHand {
			r.t.Errorf("%s: count %+v, histogram %d (exact %t), by hand %d", c.name, n, bars, h.Exact, byHand)
		}
		r.s.line("%-22s count %-16s histogram %-16s exact, %d", c.name,
			fmt.Sprintf("%.2f / %.2f", counted.at(50), counted.at(99)), fmt.Sprintf("%.2f / %.2f", spread.at(50), spread.at(99)), byHand)
		worst = max(worst, counted.at(99), spread.at(99))
	}
	r.s.value("highest p99, ms", worst, atMost(20))
	for _, c := range list {
		if c.plain == "" {
			continue
		}
		sel := r.selection(superScope, c.text)
		r.beside("count of "+c.name+", ms", func() {
			if _, err := r.db.Count(ctx, sel, false); err != nil {
				r.t.Fatal(err)
			}
		}, func() { r.plainRows(c.plain, c.plainArg) }, plainTimes)
	}
}

func (r *readings) timed(do func() error) durations {
	r.t.Helper()
	var times []time.Duration
	for i := range readTimes + 5 {
		begin := time.Now()
		if err := do(); err != nil {
			r.t.Fatal(err)
		}
		if i >= 5 {
			times = append(times, time.Since(begin))
		}
	}
	return sorted(times)
}

// words times the newest fifty of a word.
func (r *readings) words() {
	r.s.title("Newest 50 of a word, p50 / p99 of %d each, ms", readTimes)
	worst := 0.0
	type question struct {
		name, word string
		scope      activity.Scope
	}
	list := []question{
		{"a common word", commonWord, superScope},
		{"a rare word", rareWord, superScope},
		{"a common word, own", commonWord, boScope},
		{"a rare word, own", rareWord, boScope},
		{"a prefix", commonWord[:5] + "*", superScope},
		{"a letter", commonWord[:1] + "*", superScope},
		{"a letter, own", commonWord[:1] + "*", boScope},
	}
	for _, q := range list {
		sel := r.selection(q.scope, q.word)
		rows, err := r.db.Select(context.Background(), sel, activity.Seek{Limit: 51})
		if err != nil || len(rows) == 0 {
			r.t.Fatalf("%s: %d rows, %v", q.name, len(rows), err)
		}
		d := r.timed(func() error { r.mustSelect(sel, activity.Seek{Limit: 51}); return nil })
		r.s.line("%-22s %.2f / %.2f", q.name, d.at(50), d.at(99))
		worst = max(worst, d.at(99))
	}
	r.s.value("highest p99, ms", worst, atMost(20))
	for _, q := range list {
		sel := r.selection(q.scope, q.word)
		query := "SELECT a.key, a.seq, a.actor, a.type, a.site, a.object, a.body FROM words AS w CROSS JOIN activity AS a ON a.key = w.rowid WHERE w.words MATCH ?"
		args := []any{"text:" + q.word}
		if !q.scope.All {
			query += " AND a.actor = ?"
			args = append(args, r.maker.id("a", "bo"))
		}
		query += " ORDER BY w.rowid DESC LIMIT 51"
		r.beside(q.name+", ms", func() { r.mustSelect(sel, activity.Seek{Limit: 51}) }, func() { r.plainRows(query, args...) }, plainTimes)
	}
}
