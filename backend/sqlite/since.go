package sqlite

import (
	"context"
	"math"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// CountSince returns how many matches have a place in the ledger from seq on, at most
// [activity.NewMost]. It looks through the newest, by time, of what a condition is found
// by, then through the newest entries, a bounded number of each (bounds.sinceRows): where
// the one reaches to the oldest, or the other back to seq, the count is exact; otherwise
// there are at least so many. Cost: bounded however large the log is, but for values that
// many have and few have together: their lists are followed to the end, at 0.1 µs a step.
// Errors: unavailable.
func (db *DB) CountSince(ctx context.Context, sel activity.Selection, seq int64) (activity.Count, error) {
	c := activity.Count{Exact: true}
	err := db.reading(ctx, func(tx bun.Tx) error {
		m, err := compile(ctx, tx, sel)
		if err != nil || m.empty {
			return err
		}
		var size int64
		if err := tx.NewSelect().ColumnExpr("size").TableExpr("head").Where("one = 1").Scan(ctx, &size); err != nil {
			return err
		}
		if c, err = m.countSince(ctx, tx, max(seq, 0), size); c.N > activity.NewMost {
			c = activity.Count{N: activity.NewMost}
		}
		return err
	})
	return c, err
}

func (m matcher) countSince(ctx context.Context, db bun.IDB, seq, size int64) (activity.Count, error) {
	reaches := size-seq <= int64(bounds.sinceRows)
	if reaches {
		// What was recorded live lies together in time as well.
		none, err := m.toKeysOf(ctx, db, seq)
		if err != nil || none {
			return activity.Count{Exact: true}, err
		}
	}
	s := sinceSearch{m: m, rest: m, seq: seq}
	if m.isWide() {
		rest, err := m.withoutWide(ctx, db)
		if err != nil || rest.empty {
			return activity.Count{Exact: true}, err
		}
		s.rest = rest
	}
	var walked activity.Count
	if m = s.rest; m.byIP || m.expression() != "" || !reaches && (m.from != math.MinInt64 || m.to != math.MaxInt64) {
		// Without an index it goes through the same again, except within dates.
		var err error
		if walked, err = s.walk(ctx, db); err != nil || walked.Exact || walked.N > activity.NewMost {
			return walked, err
		}
	}
	looked, err := s.look(ctx, db, size)
	if err != nil || looked.Exact || looked.N > activity.NewMost {
		return looked, err
	}
	return activity.Count{N: max(walked.N, looked.N)}, nil
}

// toKeysOf narrows the keys to those of the entries from seq on; none if there are no
// activities among them.
func (m *matcher) toKeysOf(ctx context.Context, db bun.IDB, seq int64) (none bool, err error) {
	var of struct{ Oldest, Newest *int64 }
	err = db.NewSelect().ColumnExpr("min(a.key) AS oldest, max(a.key) AS newest").
		TableExpr("(SELECT key FROM activity WHERE seq >= ?) AS a", seq).Scan(ctx, &of)
	if err != nil || of.Oldest == nil || of.Newest == nil {
		return err == nil, err
	}
	m.between(*of.Oldest, *of.Newest)
	return m.from >= m.to, nil
}

// A sinceSearch counts what matches from a place on. Prefixes that the words index would
// take long for are looked for in the bodies of what matches the rest.
type sinceSearch struct {
	m, rest matcher
	seq     int64
}

// walk goes through the newest, by time, of what the index of words, or that of
// addresses, has; where neither answers anything, of all.
func (s sinceSearch) walk(ctx context.Context, db bun.IDB) (activity.Count, error) {
	m, most := s.rest, int64(bounds.sinceRows)
	if s.m.isWide() {
		most = int64(bounds.sinceBodies)
	}
	k, key := m.indexed(db)
	k = m.within(k, key, m.from, m.to).ColumnExpr(key + " AS key").OrderExpr(key + " DESC").Limit(most)
	q := m.columns(db.NewSelect().TableExpr("k CROSS JOIN activity AS a ON a.key = k.key").Where("a.seq >= ?", s.seq), m.byIP)
	if text := m.onlyText(); m.byIP && text != "" {
		q = q.Where(hasText, text)
	}
	n, all, ok, err := s.count(ctx, db, q, k)
	return activity.Count{N: n, Exact: ok && all < most}, err
}

// look goes through the newest entries.
func (s sinceSearch) look(ctx context.Context, db bun.IDB, size int64) (activity.Count, error) {
	m, most := s.rest, int64(bounds.sinceRows)
	text := m.onlyText()
	if text != "" {
		most = int64(bounds.sinceWords)
	}
	if s.m.isWide() {
		most = min(most, int64(bounds.sinceBodies))
	}
	from := max(s.seq, size-most)
	// The plus keeps SQLite from starting at another index than that of the places.
	q := m.within(db.NewSelect().TableExpr("activity AS a").Where("a.seq >= ?", from), "+a.key", m.from, m.to)
	if q = m.columns(q, true); text != "" {
		q = q.Where(hasText, text)
	}
	n, _, ok, err := s.count(ctx, db, q, db.NewSelect().ColumnExpr("1"))
	return activity.Count{N: n, Exact: ok && from == s.seq}, err
}

// count counts the activities a of a query, as far as they are counted, and the rows of
// another, k, that it may start from; not ok if a body cannot be read, which is told when
// it is on a page.
func (s sinceSearch) count(ctx context.Context, db bun.IDB, q, k *bun.SelectQuery) (n, all int64, ok bool, err error) {
	const with = "WITH k AS (?) " // made once, since it is used twice
	if !s.m.isWide() {
		q = q.ColumnExpr("1").Limit(activity.NewMost + 1)
		err = db.NewRaw(with+"SELECT (SELECT count(*) FROM k), (SELECT count(*) FROM (?))", k, q).Scan(ctx, &all, &n)
		return n, all, true, err
	}
	if err := db.NewRaw("SELECT count(*) FROM (?)", k).Scan(ctx, &all); err != nil {
		return 0, 0, false, err
	}
	var rows []keyAndBody
	if err := db.NewRaw(with+"?", k, q.ColumnExpr("a.key, a.body")).Scan(ctx, &rows); err != nil {
		return 0, 0, false, err
	}
	keys, ok, err := s.m.held(ctx, rows)
	return int64(len(keys)), all, ok, err
}
