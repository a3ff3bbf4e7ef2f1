package sqlite

import (
	"context"
	"math"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// Sift finds the activities that are to go, as of one moment. Cost: a look at each
// activity that a part or a hold matches before the latest of the parts' times, 1 to 3 µs
// each; three bits for each entry of the log. Errors: unavailable.
func (db *DB) Sift(ctx context.Context, sieve activity.Sieve) (out activity.Sifted, err error) {
	err = db.reading(ctx, func(tx bun.Tx) error {
		out, err = sift(ctx, tx, sieve)
		return err
	})
	return out, err
}

func sift(ctx context.Context, tx bun.IDB, sieve activity.Sieve) (out activity.Sifted, err error) {
	var stay, held, come, gone bitset
	last := int64(math.MinInt64)
	for _, part := range sieve.Parts {
		last = max(last, part.Before)
	}
	note := func(into *bitset) func(seq, key int64) { return func(seq, _ int64) { into.set(seq) } }
	if err := walk(ctx, tx, recordedHere(sieve.Stay), last, note(&stay)); err != nil {
		return out, err
	}
	if err := undoing(ctx, tx, &stay); err != nil {
		return out, err
	}
	if held, err = heldPlaces(ctx, tx, sieve.Hold, last); err != nil {
		return out, err
	}
	largest := int64(-1)
	out.Parts = make([]activity.SiftedPart, len(sieve.Parts))
	for i, part := range sieve.Parts {
		found, oldest := &out.Parts[i], int64(math.MaxInt64)
		err := walk(ctx, tx, part.Query, last, func(seq, key int64) {
			if come.has(seq) {
				return
			}
			come.set(seq)
			switch {
			case part.Keep || key >= keyAt(part.Before) || stay.has(seq):
			case held.has(seq):
				found.Held++
			default:
				gone.set(seq)
				found.Count++
				oldest, largest = min(oldest, key), max(largest, seq)
			}
		})
		if err != nil {
			return out, err
		}
		if out.Count += found.Count; found.Count > 0 {
			found.Oldest = new(oldest >> keyBits)
		}
	}
	for seq := int64(0); seq <= largest; seq++ {
		if gone.has(seq) {
			out.Runs = activity.AddPlace(out.Runs, seq)
		}
	}
	out.Body, err = middleBody(ctx, tx, out.Runs)
	return out, err
}

// undoing notes what is in an import that is being undone: erasing leaves it alone.
func undoing(ctx context.Context, tx bun.IDB, into *bitset) error {
	var batches []int64
	if err := tx.NewSelect().TableExpr("batch").Column("id").Where("state = ?", activity.BatchUndoing).Scan(ctx, &batches); err != nil {
		return err
	}
	for _, batch := range batches {
		runs, _, err := batchRuns(ctx, tx, batch)
		if err != nil {
			return err
		}
		for _, run := range runs {
			for seq := run[0]; seq <= run[1]; seq++ {
				into.set(seq)
			}
		}
	}
	return nil
}

func typesNamed(names []string) activity.Query {
	return activity.Query{Filters: []activity.Filter{{Field: activity.ByCategory, Types: names}}}
}

// recordedHere matches types where this log itself recorded them.
func recordedHere(names []string) activity.Query {
	q := typesNamed(names)
	for _, source := range []string{"self", "cli"} {
		q.Filters = append(q.Filters, activity.Filter{Field: activity.BySource, Value: source})
	}
	return q
}

// walk calls fn with the place and the key of each activity that a query matches and
// that occurred before a time, in no order.
func walk(ctx context.Context, tx bun.IDB, query activity.Query, before int64, fn func(seq, key int64)) error {
	m, err := compile(ctx, tx, activity.Selection{Scope: activity.Scope{All: true}, Query: query})
	if err != nil || m.empty {
		return err
	}
	from, to := m.from, min(m.to, keyAt(before))
	var q *bun.SelectQuery
	if m.expression() == "" && len(m.groups) == 0 {
		// The index of places has both columns and is small beside the table, whose rows
		// hold the bodies.
		q = m.within(tx.NewSelect().TableExpr("activity AS a INDEXED BY sqlite_autoindex_activity_1"), "+a.key", from, to)
	} else {
		q, _ = m.rows(tx, from, to)
	}
	rows, err := q.ColumnExpr("a.seq, a.key").Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var seq, key int64
		if err := rows.Scan(&seq, &key); err != nil {
			return err
		}
		fn(seq, key)
	}
	return rows.Err()
}

// middleBody is how long the bodies in runs are, by so many of them.
func middleBody(ctx context.Context, tx bun.IDB, runs [][2]int64) (length int64, err error) {
	const looked = 200
	var places []int64
	for i := 0; i < len(runs); i += max(1, len(runs)/looked) {
		lo, hi := runs[i][0], runs[i][1]
		for seq := lo; seq <= hi && len(places) < 2*looked; seq += max(1, (hi-lo)/looked) {
			places = append(places, seq)
		}
	}
	if len(places) == 0 {
		return 0, nil
	}
	err = tx.NewSelect().TableExpr("activity").ColumnExpr("coalesce(CAST(avg(length(body)) AS INTEGER), 0)").Where("seq IN (?)", bun.List(places)).Scan(ctx, &length)
	return length, err
}
