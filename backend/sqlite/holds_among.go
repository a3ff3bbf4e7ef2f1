package sqlite

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// HeldAmong counts the places in runs whose activity is under hold. Cost, for each hold:
// the lesser of a look at each place (5 µs, with words 0.1 ms for each) and of one at each
// activity that the hold matches between the oldest and the newest of these; a bit of
// memory for each entry. Errors: unavailable.
func (db *DB) HeldAmong(ctx context.Context, holds activity.Holds, runs [][2]int64) (n int64, err error) {
	if len(holds.Queries) == 0 || len(runs) == 0 {
		return 0, nil
	}
	err = db.reading(ctx, func(tx bun.Tx) error {
		var held bitset
		for _, hold := range holds.Queries {
			if err := among(ctx, tx, hold, runs, &held); err != nil {
				return err
			}
		}
		for _, run := range runs {
			for seq := run[0]; seq <= run[1]; seq++ {
				if held.has(seq) {
					n++
				}
			}
		}
		return nil
	})
	return n, err
}

// among notes which of the places in runs a query matches, and maybe others that it does.
func among(ctx context.Context, tx bun.IDB, query activity.Query, runs [][2]int64, into *bitset) error {
	m, err := compile(ctx, tx, activity.Selection{Scope: activity.Scope{All: true}, Query: query})
	if err != nil || m.empty {
		return err
	}
	var size int64
	if err := tx.NewSelect().ColumnExpr("size").TableExpr("head").Where("one = 1").Scan(ctx, &size); err != nil {
		return err
	}
	if none, err := m.toKeysIn(ctx, tx, runs); err != nil || none {
		return err
	}
	rows := m.rowsFor(runs)
	switch limited := m.byIP || m.anchor != nil || m.expression() != "" && m.indexOnly(); {
	case rows >= size:
		_, err = m.walkSome(ctx, tx, math.MaxInt64, into)
		return err
	case limited && !m.isWide():
		if all, err := m.walkSome(ctx, tx, rows, into); err != nil || all {
			return err
		}
	}
	return activity.EraseInSteps(ctx, slices.Clone(runs), func(some [][2]int64) error { return m.lookAt(ctx, tx, some, into) })
}

// rowsFor is how many rows are gone through in the time that a look at all places in runs
// takes.
func (m matcher) rowsFor(runs [][2]int64) (rows int64) {
	each := int64(bounds.heldRows)
	if m.isWide() {
		each = int64(bounds.heldBodies)
	} else if n := m.searches(); n > 0 {
		each = int64(bounds.heldWords * n)
	}
	for _, run := range runs {
		rows += each * (run[1] - run[0] + 1)
	}
	return rows
}

// ofRuns are the activities in runs of places, the argument, as JSON.
const ofRuns = "json_each(?) AS r CROSS JOIN activity AS a ON a.seq BETWEEN r.value ->> 0 AND r.value ->> 1"

func runsText(runs [][2]int64) string {
	text, _ := json.Marshal(runs) // numbers
	return string(text)
}

// toKeysIn narrows the keys to those of the activities in runs; none if there are none.
func (m *matcher) toKeysIn(ctx context.Context, tx bun.IDB, runs [][2]int64) (none bool, err error) {
	var of struct{ Oldest, Newest *int64 }
	err = tx.NewSelect().ColumnExpr("min(a.key) AS oldest, max(a.key) AS newest").TableExpr(ofRuns, runsText(runs)).Scan(ctx, &of)
	if err != nil || of.Oldest == nil || of.Newest == nil {
		return err == nil, err
	}
	m.between(*of.Oldest, *of.Newest)
	return m.from >= m.to, nil
}

// walkSome notes the places of so many matches; all if there are no more.
func (m matcher) walkSome(ctx context.Context, tx bun.IDB, most int64, into *bitset) (all bool, err error) {
	q, _ := m.rows(tx, m.from, m.to)
	n := int64(0)
	err = m.places(ctx, q.Limit(most), func(seq int64) { into.set(seq); n++ })
	return n < most, err
}

// lookAt notes which of the places in runs match; where a prefix is looked for in bodies
// one of which cannot be read, all that match the rest.
func (m matcher) lookAt(ctx context.Context, tx bun.IDB, runs [][2]int64, into *bitset) error {
	rest := m
	rest.words = slices.DeleteFunc(slices.Clone(m.words), func(w word) bool { return w.wide })
	q := rest.within(tx.NewSelect().TableExpr(ofRuns, runsText(runs)), "+a.key", m.from, m.to)
	q = rest.columns(q, true)
	if text := rest.onlyText(); text != "" {
		q = q.Where(hasText, text)
	}
	if !m.isWide() {
		return m.places(ctx, q, into.set)
	}
	var rows []keyAndBody
	if err := q.ColumnExpr("a.key, a.seq, a.body").Scan(ctx, &rows); err != nil {
		return err
	}
	keys, ok, err := m.held(ctx, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !ok || slices.Contains(keys, row.Key) {
			into.set(row.Seq)
		}
	}
	return nil
}

// places calls fn with the place of each activity a of a query.
func (m matcher) places(ctx context.Context, q *bun.SelectQuery, fn func(seq int64)) error {
	rows, err := q.ColumnExpr("a.seq").Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return err
		}
		fn(seq)
	}
	return rows.Err()
}
