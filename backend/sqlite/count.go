package sqlite

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// countLimit is where counting stops if nobody asked for the exact number.
const countLimit = 10_000

// Count returns how many activities match. Kept counts answer everything, actors,
// types, sites, and actors with types, with or without dates, in about 0.1 µs for
// each quarter of an hour; other filters are counted in the words index, about
// 0.1 µs a match. With words, addresses or a filter that stands for very many
// objects it stops at 10,000 unless exact. A prefix that very many words begin with
// costs a microsecond a match. Errors: unavailable.
func (db *DB) Count(ctx context.Context, sel activity.Selection, exact bool) (activity.Count, error) {
	c := activity.Count{Exact: true}
	err := db.reading(ctx, func(tx bun.Tx) error {
		m, err := compile(ctx, tx, sel)
		if err != nil || m.empty {
			return err
		}
		if sums, ok := m.keptSums(); ok {
			c.N, err = m.countSlots(ctx, tx, sums)
			return err
		}
		for _, quick := range []func(context.Context, bun.IDB) (int64, bool, error){m.countComplement, m.countThrough} {
			if n, ok, err := quick(ctx, tx); err != nil || ok {
				c.N = n
				return err
			}
		}
		limit := 0
		if !exact && !m.onlyFacets() {
			limit = countLimit + 1
		}
		c.N, err = m.countRows(ctx, tx, m.from, m.to, limit)
		if limit > 0 && c.N > countLimit {
			c.N, c.Exact = countLimit, false
		}
		return err
	})
	return c, err
}

// onlyFacets reports whether facets answer the query: those are counted to the end.
func (m matcher) onlyFacets() bool {
	return len(m.words) == 0 && !slices.ContainsFunc(m.groups, func(g group) bool { return g.facet == 0 || g.wide })
}

// countSlots adds up kept counts, and counts rows where the dates cut a slot.
func (m matcher) countSlots(ctx context.Context, db bun.IDB, sums []kept) (n int64, err error) {
	first, end, edges, ok := slotRange(m.from, m.to)
	if !ok {
		return m.countRows(ctx, db, m.from, m.to, 0)
	}
	fresh, err := uncountedRows(ctx, db)
	if err != nil {
		return 0, err
	}
	if n, err = countKept(ctx, db, sums, fresh, first, end); err != nil {
		return 0, err
	}
	for _, edge := range edges {
		part, err := m.countRows(ctx, db, edge[0], edge[1], 0)
		if err != nil {
			return 0, err
		}
		n += part
	}
	return n, nil
}

// countComplement counts a source or a result that nearly every row has by those
// that have another one, if kept counts know how many there are together.
func (m matcher) countComplement(ctx context.Context, db bun.IDB) (n int64, ok bool, err error) {
	many := int64(bounds.complement)
	at := slices.IndexFunc(m.groups, func(g group) bool { return g.dim == sourceDim || g.dim == resultDim })
	if at < 0 || !m.onlyFacets() {
		return 0, false, nil
	}
	whole, other := m, m
	whole.groups = slices.Delete(slices.Clone(m.groups), at, at+1)
	sums, ok := whole.keptSums()
	if !ok {
		return 0, false, nil
	}
	if n, err = m.countRows(ctx, db, m.from, m.to, int(many)+1); err != nil || n <= many {
		return n, err == nil, err
	}
	g := m.groups[at]
	if !g.negated {
		if g.ids, err = otherValues(ctx, db, g); err != nil || len(g.ids) > bounds.others {
			return 0, false, err
		}
	}
	var others int64
	if len(g.ids) > 0 {
		other.groups = slices.Clone(m.groups)
		other.groups[at] = group{dim: g.dim, ids: g.ids}
		if others, err = other.countRows(ctx, db, m.from, m.to, int(many)+1); err != nil || others > many {
			return 0, false, err
		}
	}
	n, err = whole.countSlots(ctx, db, sums)
	return n - others, err == nil, err
}

// countRows counts matching rows in a range of keys, at most limit if that is not 0.
func (m matcher) countRows(ctx context.Context, db bun.IDB, from, to int64, limit int) (n int64, err error) {
	var q *bun.SelectQuery
	if expression := m.expression(); m.indexOnly() && expression != "" {
		// Each row of the index is an activity: no need to look at those.
		q = m.within(db.NewSelect().TableExpr("words AS w").Where("w.words MATCH ?", expression), "w.rowid", from, to)
	} else {
		q, _ = m.rows(db, from, to)
	}
	if limit == 0 {
		err = q.ColumnExpr("count(*)").Scan(ctx, &n)
		return n, err
	}
	err = db.NewSelect().ColumnExpr("count(*)").TableExpr("(?)", q.ColumnExpr("1").Limit(int64(limit))).Scan(ctx, &n)
	return n, err
}
