package sqlite

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// bounds say where one way to an answer becomes slower than another; measured on 3
// million rows. They are a variable so that tests see each way give the same answer.
var bounds = struct {
	facets      int   // ids in one MATCH, at about 40 µs each; what stands for more is looked at row by row
	others      int   // other values to ask for instead of excluding these
	anchorRows  int   // rows to read columns from rather than to follow common lists
	nearRows    int   // rows whose list is walked half-way as quickly as what is nearby is looked at
	slots       int   // kept counts to add up for an estimate, about 0.1 µs each
	ipRows      int   // rows with an address to sort, below 1 µs each
	ipWordsRows int   // rows with an address to look words up in, about 100 µs each
	span        int64 // activities to look at for each one on a page
	wordsSpan   int64 // the same where words have to be found in them
	ends        int   // words that a prefix may stand for, about 0.2 ms each
	look        int   // activities to look through for a prefix of more words, for each one on a page
	countLook   int   // and at most to count them
	complement  int   // rows to count before counting the others instead, about 0.1 µs each
	sinceRows   int   // entries, or rows of an index, to look through for those that are new
	sinceWords  int   // entries to look words up in for that
	sinceBodies int   // entries, or rows of an index, whose bodies to look for a prefix in
	heldRows    int   // rows of an index that are gone through as quickly as a place is looked at
	heldWords   int   // the same where a word is looked up there
	heldBodies  int   // the same where a prefix is looked for in the body
}{facets: 2000, others: 50, anchorRows: 2000, nearRows: 20_000, slots: 2000, ipRows: 20_000, ipWordsRows: 500, span: 40, wordsSpan: 10, ends: 50, look: 20, countLook: 1000, complement: 100_000, sinceRows: 5000, sinceWords: 200, sinceBodies: 200, heldRows: 4, heldWords: 50, heldBodies: 30}

// plan decides where to start from. Each question it asks is bounded.
func (m *matcher) plan(ctx context.Context, db bun.IDB) (err error) {
	if err := m.complement(ctx, db); err != nil || m.empty {
		return err
	}
	if m.byIP, err = m.fewByIP(ctx, db); err != nil || m.byIP {
		return err
	}
	return m.findAnchor(ctx, db)
}

// complement finds what is left of a type or source when a query does nothing but
// exclude: "z NOT y5" walks over every excluded row to find the others. There are
// few sources, so those are always turned round.
func (m *matcher) complement(ctx context.Context, db bun.IDB) error {
	wanted := slices.ContainsFunc(m.groups, func(g group) bool { return !g.negated && m.inIndex(g) }) ||
		slices.ContainsFunc(m.words, func(w word) bool { return !w.Negated })
	for i, g := range m.groups {
		if g.wide || !g.negated || g.dim != sourceDim && (g.dim != typeDim || wanted) {
			continue
		}
		rest, err := otherValues(ctx, db, g)
		if err != nil {
			return err
		}
		m.empty = m.empty || len(rest) == 0
		if len(rest) <= bounds.others {
			m.groups[i].rest = rest
		}
	}
	return nil
}

// otherValues returns the ids a group does not list, at most one more than bounds.others.
func otherValues(ctx context.Context, db bun.IDB, g group) (ids []int64, err error) {
	if g.dim == resultDim {
		return without(allResults, g.ids), nil
	}
	err = db.NewSelect().ColumnExpr("d.id").TableExpr("? AS d", bun.Ident(g.table)).
		Where("d.id NOT IN (?)", bun.List(g.ids)).Limit(int64(bounds.others)+1).Scan(ctx, &ids)
	return ids, err
}

// fewByIP decides whether to start from the rows that have an address. Sorting
// them costs less than a microsecond each; looking words up in each about 100. A
// value that fewer rows have is the better start, since each row must be read for it.
func (m *matcher) fewByIP(ctx context.Context, db bun.IDB) (bool, error) {
	at := slices.IndexFunc(m.groups, func(g group) bool { return g.dim == ipDim && !g.negated })
	if at < 0 || m.groups[at].wide || m.isWide() {
		return false, nil
	}
	if len(m.groups) == 1 && len(m.groups[at].ids) == 1 && len(m.words) == 0 {
		return true, nil // the index has them in order
	}
	most := bounds.ipRows
	if n := m.searches(); n > 0 {
		most = bounds.ipWordsRows / n
	}
	rows := db.NewSelect().ColumnExpr("1").TableExpr("activity AS a INDEXED BY activity_ip").
		Where("a.ip IN (?)", bun.List(m.groups[at].ids)).Limit(int64(most) + 1)
	rows = m.within(rows, "a.key", m.from, m.to)
	var n int
	if err := db.NewSelect().ColumnExpr("count(*)").TableExpr("(?)", rows).Scan(ctx, &n); err != nil || n > most {
		return false, err
	}
	rarer, err := m.rare(ctx, db, n-1)
	return rarer == nil, err
}

// findAnchor looks for a value that few rows have. To step through those and read
// the other columns is quicker than to follow the lists of common values: a user
// with 100 rows and "site:1" took 8 ms by the index alone, and 1 so.
func (m *matcher) findAnchor(ctx context.Context, db bun.IDB) error {
	facets := 0
	for _, g := range m.groups {
		if g.facet != 0 && !g.wide {
			facets++
		}
	}
	if facets < 2 {
		return nil
	}
	g, err := m.rare(ctx, db, bounds.anchorRows)
	if g != nil {
		m.anchor = &g.dim
	}
	return err
}

// rare returns a wanted value that at most so many rows have, or nil. The few newest,
// which the kept counts lack, do not matter for that.
func (m matcher) rare(ctx context.Context, db bun.IDB, most int) (*group, error) {
	for _, g := range m.groups {
		if g.negated || g.wide || g.dim != actorDim && g.dim != typeDim && g.dim != siteDim {
			continue
		}
		slots := oneKept(g).slots(db).ColumnExpr("s.n").Limit(int64(bounds.slots) + 1)
		var sum struct{ Slots, Rows int }
		if err := db.NewSelect().ColumnExpr("count(*) AS slots, coalesce(sum(n), 0) AS rows").TableExpr("(?)", slots).Scan(ctx, &sum); err != nil {
			return nil, err
		}
		if sum.Slots <= bounds.slots && sum.Rows <= most {
			return &g, nil
		}
	}
	return nil, nil
}

// indexOnly reports whether the words index answers the whole query.
func (m matcher) indexOnly() bool {
	return !m.byIP && !slices.ContainsFunc(m.groups, func(g group) bool { return !m.inIndex(g) })
}

// inIndex reports whether the words index answers the group; otherwise its column does.
func (m matcher) inIndex(g group) bool {
	return g.facet != 0 && !g.wide && (m.anchor == nil || *m.anchor == g.dim)
}
