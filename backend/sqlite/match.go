package sqlite

import (
	"context"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// A matcher is a selection as the tables can answer it.
type matcher struct {
	empty    bool  // nothing can match
	from, to int64 // keys, from inclusive, to exclusive
	groups   []group
	words    []word
	byIP     bool // few enough rows have the addresses: start from those
	anchor   *dim // so few rows have this value that the other columns are read from them
}

// A dim is a column of activity with the dictionary behind it.
type dim struct {
	column string
	table  string // of the dictionary, "" if the column holds the value itself
	facet  byte   // its letter in words.facets, 0: it has none
}

var (
	actorDim  = dim{"actor", "actor", 'a'}
	typeDim   = dim{"type", "type", 'y'}
	siteDim   = dim{"site", "site", 's'}
	objectDim = dim{"object", "object", 'o'}
	sourceDim = dim{"source", "source", 'd'}
	resultDim = dim{"result", "", 'r'}
	batchDim  = dim{"batch", "", 'b'}
	ipDim     = dim{"ip", "ip", 0}
)

// A group is one condition: the column's value is one of those, or none of them.
type group struct {
	dim
	negated bool
	ids     []int64 // all of them, unless wide
	wide    bool    // too many to list: cond says which dictionary rows d it is
	cond    condition
	// rest lists the other values if a negated group has few of them and every
	// activity has a value: asking for those is quicker than leaving out these.
	rest []int64
}

// everything is the key range of a query without dates.
var everything = matcher{from: math.MinInt64, to: math.MaxInt64}

// compile resolves a selection's names within its scope.
func compile(ctx context.Context, db bun.IDB, sel activity.Selection) (matcher, error) {
	m := everything
	if sel.Query.After != nil {
		m.from = keyAt(*sel.Query.After)
	}
	if sel.Query.Before != nil {
		m.to = keyAt(*sel.Query.Before)
	}
	m.empty = m.from >= m.to
	for _, w := range sel.Query.Words {
		m.words = append(m.words, word{Word: w})
	}
	conditions := conditionsOf(sel)
	if !sel.Scope.All {
		// The scope is one more condition: every read goes through here.
		own := fieldCondition{dim: actorDim, cond: ownActors(sel.Scope)}
		conditions = append([]fieldCondition{own}, conditions...)
	}
	for _, c := range conditions {
		if m.empty {
			return m, nil
		}
		if err := m.add(ctx, db, c); err != nil {
			return m, err
		}
	}
	if m.simplify(); m.empty {
		return m, nil
	}
	if err := m.expand(ctx, db); err != nil || m.empty {
		return m, err
	}
	return m, m.plan(ctx, db)
}

// ownActors are the identities of a scope. Never by name.
func ownActors(scope activity.Scope) condition {
	if scope.User == 0 {
		return condition{}
	}
	return where("d.user_id = ?", scope.User)
}

// between narrows the keys to a range, both ends included.
func (m *matcher) between(oldest, newest int64) {
	m.from = max(m.from, oldest)
	if newest < math.MaxInt64 {
		m.to = min(m.to, newest+1)
	}
}

// keyAt returns the first key of a millisecond.
func keyAt(ms int64) int64 {
	const most = math.MaxInt64 >> keyBits
	switch {
	case ms > most:
		return math.MaxInt64
	case ms < -most:
		return math.MinInt64
	}
	return ms << keyBits
}

// keyAfter returns the first key after a millisecond.
func keyAfter(ms int64) int64 {
	if ms == math.MaxInt64 {
		return ms
	}
	return keyAt(ms + 1)
}

// add resolves one field's condition.
func (m *matcher) add(ctx context.Context, db bun.IDB, c fieldCondition) error {
	g := group{dim: c.dim, negated: c.negated, ids: c.ids, cond: c.cond}
	if c.kinds != nil {
		more, err := objectCondition(ctx, db, c.kinds)
		if err != nil {
			return err
		}
		g.cond = g.cond.or(more)
	}
	if g.table != "" && !g.cond.never() {
		err := db.NewSelect().ColumnExpr("d.id").TableExpr("? AS d", bun.Ident(g.table)).
			Where(g.cond.text, g.cond.args...).Limit(int64(bounds.facets)+1).Scan(ctx, &g.ids)
		if err != nil {
			return err
		}
	}
	if g.dim == resultDim && g.negated {
		g.ids, g.negated = without(allResults, g.ids), false
	}
	g.wide = g.table != "" && len(g.ids) > bounds.facets
	switch {
	case len(g.ids) > 0:
		m.groups = append(m.groups, g)
	case !g.negated:
		m.empty = true
	}
	return nil
}

// simplify leaves at most one list of ids for each column, either wanted or
// excluded. "-actor:ann" of ann herself is nothing, not a walk over her rows.
func (m *matcher) simplify() {
	var groups []group
	at := map[dim]int{}
	for _, negated := range []bool{false, true} {
		for _, g := range m.groups {
			if g.negated != negated {
				continue
			}
			i, ok := at[g.dim]
			switch {
			case g.wide:
				groups = append(groups, g)
			case !ok:
				at[g.dim] = len(groups)
				groups = append(groups, g)
			case !g.negated:
				groups[i].ids = slices.DeleteFunc(slices.Clone(groups[i].ids), func(id int64) bool { return !slices.Contains(g.ids, id) })
			case !groups[i].negated:
				groups[i].ids = without(groups[i].ids, g.ids)
			default:
				groups[i].ids = append(slices.Clone(groups[i].ids), g.ids...)
			}
		}
	}
	for _, g := range groups {
		m.empty = m.empty || len(g.ids) == 0
	}
	m.groups = groups
}

// allResults are all values of the column result.
var allResults = []int64{0, 1, 2}

// without returns the ids that are not among others.
func without(ids, others []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(others, id) })
}
