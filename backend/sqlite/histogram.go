package sqlite

import (
	"context"
	"math"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// widths are the bars that people can read, in slots; wider ones are whole weeks.
var widths = []int64{1, 2, 4, 8, 12, 24, 48, 96, 2 * 96, 7 * 96}

// Histogram spreads the matches over at most so many bars, from kept counts where
// they answer the query; otherwise only the ends are known and Exact is false. The
// ends cost two seeks, the bars about 2 µs each and 0.1 µs for each quarter of an
// hour. Bars begin at whole multiples of their width since 1970, UTC, so that the
// first may begin before From. Errors: unavailable.
func (db *DB) Histogram(ctx context.Context, sel activity.Selection, buckets int) (activity.Histogram, error) {
	h := activity.Histogram{Buckets: []activity.Bucket{}, Exact: true}
	err := db.reading(ctx, func(tx bun.Tx) error {
		m, err := compile(ctx, tx, sel)
		if err != nil || m.empty {
			return err
		}
		sums, ok := m.keptSums()
		h.Exact = ok
		from, found, err := m.end(ctx, tx, false)
		if err != nil || !found {
			return err
		}
		to, _, err := m.end(ctx, tx, true)
		if err != nil {
			return err
		}
		h.From, h.To = from>>keyBits, to>>keyBits
		if !ok {
			return nil
		}
		return m.bars(ctx, tx, sums, max(buckets, 1), &h)
	})
	return h, err
}

// end returns the key of the newest or oldest match.
func (m matcher) end(ctx context.Context, db bun.IDB, newest bool) (key int64, found bool, err error) {
	keys, done, err := m.lookThrough(ctx, db, m.from, m.to, newest, 1)
	if err == nil && !done {
		err = m.keys(db, m.from, m.to, newest, 1).Scan(ctx, &keys)
	}
	if err != nil || len(keys) == 0 {
		return 0, false, err
	}
	return keys[0], true, nil
}

// bars fills the histogram between its ends.
func (m matcher) bars(ctx context.Context, db bun.IDB, sums []kept, buckets int, h *activity.Histogram) error {
	oldest, newest := SlotOf(h.From), SlotOf(h.To)
	width := barWidth(oldest, newest, int64(buckets))
	base := floorDiv(oldest, width) * width
	counts := make([]int64, floorDiv(newest, width)-floorDiv(oldest, width)+1)
	h.Width = width * SlotMillis

	first, end, edges, whole := slotRange(m.from, m.to)
	if !whole {
		edges = [][2]int64{{m.from, m.to}}
	}
	first, end = max(first, oldest), min(end, newest+1)
	if whole && first < end {
		fresh, err := uncountedRows(ctx, db)
		if err != nil {
			return err
		}
		for _, s := range sums {
			if err := s.spread(ctx, db, spread{base, width, first, end}, fresh, counts); err != nil {
				return err
			}
		}
	}
	for _, edge := range edges {
		if err := m.addEdge(ctx, db, edge, base, width, counts); err != nil {
			return err
		}
	}
	for i, n := range counts {
		if n != 0 {
			h.Buckets = append(h.Buckets, activity.Bucket{At: (base + int64(i)*width) * SlotMillis, N: n})
		}
	}
	return nil
}

// barWidth returns the narrowest readable width, in slots, that needs no more bars.
func barWidth(oldest, newest, buckets int64) int64 {
	bars := func(width int64) int64 { return floorDiv(newest, width) - floorDiv(oldest, width) + 1 }
	for _, width := range widths {
		if bars(width) <= buckets {
			return width
		}
	}
	const week = 7 * 96
	width := max((newest-oldest)/max(buckets, 1)/week, 1) * week
	for bars(width) > buckets && width < math.MaxInt32 {
		width += week
	}
	return width
}

// A spread says how slots are put into bars: bar i takes width slots from base + i ×
// width on, of those from first on and before end.
type spread struct{ base, width, first, end int64 }

// spread adds a sum's counts to bars: one range of the index for each of them, and
// what is not in it yet.
func (k kept) spread(ctx context.Context, db bun.IDB, s spread, fresh []uncounted, counts []int64) error {
	sum := k.slots(db).ColumnExpr("coalesce(sum(s.n), 0)").
		Where("s.slot >= max(? + i * ?, ?)", s.base, s.width, s.first).
		Where("s.slot < min(? + (i + 1) * ?, ?)", s.base, s.width, s.end)
	var sums []int64
	err := db.NewRaw(`WITH RECURSIVE bar (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM bar WHERE i < ?)
		SELECT (?) FROM bar ORDER BY i`, len(counts)-1, sum).Scan(ctx, &sums)
	for i, n := range sums {
		counts[i] += k.sign * n
	}
	for _, u := range fresh {
		if slot := SlotOf(u.Key >> keyBits); s.first <= slot && slot < s.end && k.has(u) {
			counts[floorDiv(slot-s.base, s.width)] += k.sign
		}
	}
	return err
}

// addEdge adds the rows of a range of keys within one slot.
func (m matcher) addEdge(ctx context.Context, db bun.IDB, edge [2]int64, base, width int64, counts []int64) error {
	n, err := m.countRows(ctx, db, edge[0], edge[1], 0)
	if err != nil || n == 0 {
		return err
	}
	slot := SlotOf(edge[0] >> keyBits)
	counts[floorDiv(slot-base, width)] += n
	return nil
}
