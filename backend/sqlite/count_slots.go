package sqlite

import (
	"context"
	"math"

	"github.com/uptrace/bun"
)

// A kept is one sum of kept counts: of what it names, of everything where that is nil.
type kept struct {
	sign                 int64
	actors, types, sites []int64
}

// maxSeeks bounds how many pairs of actor and type one sum looks up.
const maxSeeks = 2000

// keptSums returns the sums that add up to the matcher's count, or false if kept
// counts cannot answer it. What is excluded is subtracted: -actor:ann type:x is
// type:x less actor:ann type:x.
func (m matcher) keptSums() ([]kept, bool) {
	sums := []kept{{sign: 1}}
	for _, g := range m.groups {
		if g.wide || g.dim != actorDim && g.dim != typeDim && g.dim != siteDim {
			return nil, false
		}
		for i := range sums {
			narrower := sums[i].of(g.dim, g.ids)
			if !g.negated {
				sums[i] = narrower
				continue
			}
			narrower.sign = -narrower.sign
			sums = append(sums, narrower)
		}
	}
	for _, s := range sums {
		if s.sites != nil && (s.actors != nil || s.types != nil) || len(s.actors)*len(s.types) > maxSeeks {
			return nil, false
		}
	}
	return sums, len(m.words) == 0
}

// oneKept is the sum for what a group names.
func oneKept(g group) kept { return kept{sign: 1}.of(g.dim, g.ids) }

// of narrows a sum to values of a dimension.
func (k kept) of(d dim, ids []int64) kept {
	switch d {
	case actorDim:
		k.actors = ids
	case typeDim:
		k.types = ids
	case siteDim:
		k.sites = ids
	}
	return k
}

// slots returns the query for the kept counts a sum adds up. The caller limits
// s.slot and sums s.n.
func (k kept) slots(db bun.IDB) *bun.SelectQuery {
	q := db.NewSelect()
	if k.actors != nil {
		q = q.Where("s.actor IN (?)", bun.List(k.actors))
	}
	if k.types != nil {
		q = q.Where("s.type IN (?)", bun.List(k.types))
	}
	if k.sites != nil {
		q = q.Where("s.site IN (?)", bun.List(k.sites))
	}
	table := "slot_all"
	switch {
	case k.actors != nil && k.types != nil:
		table = "slot_actor_type"
	case k.actors != nil:
		table = "slot_actor"
	case k.types != nil:
		table = "slot_type"
	case k.sites != nil:
		table = "slot_site"
	}
	return q.TableExpr("? AS s", bun.Ident(table))
}

// count adds up a sum over slots, from inclusive, to exclusive.
func (k kept) count(ctx context.Context, db bun.IDB, from, to int64) (n int64, err error) {
	q := everything.within(k.slots(db), "s.slot", from, to)
	err = q.ColumnExpr("coalesce(sum(s.n), 0)").Scan(ctx, &n)
	return k.sign * n, err
}

// slotRange splits a key range into whole slots, from inclusive, to exclusive, and
// the key ranges before and after them. Without a whole slot in it, ok is false.
func slotRange(from, to int64) (first, end int64, edges [][2]int64, ok bool) {
	first, end = math.MinInt64, math.MaxInt64
	if from != math.MinInt64 {
		first = SlotOf(from>>keyBits + SlotMillis - 1)
		if edge := keyAt(first * SlotMillis); from < edge {
			edges = append(edges, [2]int64{from, edge})
		}
	}
	if to != math.MaxInt64 {
		end = SlotOf(to >> keyBits)
		if edge := keyAt(end * SlotMillis); edge < to {
			edges = append(edges, [2]int64{edge, to})
		}
	}
	return first, end, edges, first <= end
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
