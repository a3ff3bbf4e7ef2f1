package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/view"
)

// holdMark is another as soon as a hold is set or lifted, or what a name stands for may
// have changed.
const holdMark = `SELECT coalesce(group_concat(id || ' ' || hold_zone || ' ' || query, char(10)) || char(10) || (SELECT n FROM name_change), '')
	FROM (SELECT * FROM view WHERE hold_zone IS NOT NULL ORDER BY id)`

// boundView is of a view that is under hold, or that a rule of retention is for.
const boundView = `hold_zone IS NOT NULL OR id IN (SELECT CAST(r.value ->> 'value' AS INTEGER) FROM setting AS s, json_each(s.value, '$.rules') AS r
	WHERE s.name = 'retention' AND r.value ->> 'scope' = 'view')`

// Held lists the views under hold, and a mark of that state.
func (s *Views) Held(ctx context.Context) (views []view.Record, mark string, err error) {
	err = s.db.reading(ctx, func(tx bun.Tx) error {
		var rows []viewRow
		if err := tx.NewSelect().Model(&rows).Where("hold_zone IS NOT NULL").Order("id").Scan(ctx); err != nil {
			return err
		}
		views = make([]view.Record, len(rows))
		for i, row := range rows {
			if views[i], err = row.record(); err != nil {
				return err
			}
		}
		return tx.NewRaw(holdMark).Scan(ctx, &mark)
	})
	return views, mark, err
}

// HeldInBatch counts the activities of a batch that are under hold. Cost: as
// [DB.HeldAmong]. Errors: unavailable.
func (db *DB) HeldInBatch(ctx context.Context, holds activity.Holds, batch int64) (n int64, err error) {
	if len(holds.Queries) == 0 {
		return 0, nil
	}
	var runs [][2]int64
	err = db.reading(ctx, func(tx bun.Tx) error {
		runs, _, err = batchRuns(ctx, tx, batch)
		return err
	})
	if err != nil {
		return 0, err
	}
	return db.HeldAmong(ctx, holds, runs)
}

// heldPlaces returns where what occurred before a time, in ms, and is under hold lies.
func heldPlaces(ctx context.Context, tx bun.IDB, holds activity.Holds, before int64) (held bitset, err error) {
	for _, hold := range holds.Queries {
		if err := walk(ctx, tx, hold, before, func(seq, _ int64) { held.set(seq) }); err != nil {
			return held, err
		}
	}
	return held, nil
}

// underHolds refuses a step if the holds are others than those that it knows.
func (w *writer) underHolds(ctx context.Context, mark string) error {
	var now string
	if _, err := w.find(ctx, holdMark, nil, &now); err != nil {
		return err
	}
	if now != mark {
		return activity.ErrHolds
	}
	return nil
}

// RuleOf returns the name of a rule of retention that is for a view, "" without one.
func (t accountTx) RuleOf(ctx context.Context, id int64) (rule string, err error) {
	_, err = t.tx.w.find(ctx, `SELECT r.value ->> 'name' FROM setting AS s, json_each(s.value, '$.rules') AS r
		WHERE s.name = 'retention' AND r.value ->> 'scope' = 'view' AND r.value ->> 'value' = ?`, []any{decimalOf(id)}, &rule)
	return rule, err
}
