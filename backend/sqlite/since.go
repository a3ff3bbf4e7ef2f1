package sqlite

import (
	"context"
	"math"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// CountSince returns how many matches have a place in the ledger from seq on, at most
// [activity.NewMost]. It looks through the newest entries, then through the newest
// matches, a bounded number of each (bounds.sinceRows): where the one
// reaches back to seq, or the other to the oldest match, the count is exact; otherwise
// there are at least so many. Errors: unavailable.
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
	walked, err := activity.Count{}, error(nil)
	if len(m.words) > 0 {
		if walked, err = m.walkSince(ctx, db, seq); err != nil || walked.Exact || walked.N > activity.NewMost {
			return walked, err
		}
	}
	looked, err := m.lookSince(ctx, db, seq, size)
	if err != nil || looked.Exact || looked.N > activity.NewMost {
		return looked, err
	}
	if len(m.words) == 0 {
		if walked, err = m.walkSince(ctx, db, seq); err != nil || walked.Exact {
			return walked, err
		}
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
	m.from = max(m.from, *of.Oldest)
	if *of.Newest < math.MaxInt64 {
		m.to = min(m.to, *of.Newest+1)
	}
	return m.from >= m.to, nil
}

// lookSince counts matches among the newest entries.
func (m matcher) lookSince(ctx context.Context, db bun.IDB, seq, size int64) (c activity.Count, err error) {
	most, text := int64(bounds.sinceRows), m.onlyText()
	if text != "" {
		most = int64(bounds.sinceWords)
	}
	from := max(seq, size-most)
	// The plus keeps SQLite from starting at another index than that of the places.
	q := m.within(db.NewSelect().TableExpr("activity AS a").Where("a.seq >= ?", from), "+a.key", m.from, m.to)
	q = m.columns(q, true)
	if text != "" {
		q = q.Where("EXISTS (SELECT 1 FROM words AS w WHERE w.rowid = a.key AND w.words MATCH ?)", text)
	}
	c.Exact = from == seq
	err = db.NewSelect().ColumnExpr("count(*)").TableExpr("(?)", q.ColumnExpr("1").Limit(activity.NewMost+1)).Scan(ctx, &c.N)
	return c, err
}

// walkSince counts the newest matches, by time, that have such a place.
func (m matcher) walkSince(ctx context.Context, db bun.IDB, seq int64) (activity.Count, error) {
	q, key := m.rows(db, m.from, m.to)
	q = q.ColumnExpr("a.seq >= ? AS later", seq).OrderExpr(key + " DESC").Limit(int64(bounds.sinceRows))
	var sum struct{ Walked, Later int64 }
	err := db.NewSelect().ColumnExpr("count(*) AS walked, coalesce(sum(later), 0) AS later").TableExpr("(?)", q).Scan(ctx, &sum)
	return activity.Count{N: sum.Later, Exact: sum.Walked < int64(bounds.sinceRows)}, err
}
