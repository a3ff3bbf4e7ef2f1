package sqlite

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Batches returns the imports that began last, newest first. Errors: unavailable.
func (db *DB) Batches(ctx context.Context, limit int) ([]activity.Batch, error) {
	var rows []struct {
		ID         int64
		Source     string
		State      string
		StartedAt  int64
		FinishedAt *int64
		Login      string
		Report     string
	}
	err := db.Read().NewSelect().TableExpr("batch AS b").Join("LEFT JOIN user AS u ON u.id = b.by_user").
		ColumnExpr("b.id, b.source, b.state, b.started_at, b.finished_at, coalesce(u.login, '') AS login, b.report").
		OrderExpr("b.id DESC").Limit(int64(limit)).Scan(ctx, &rows)
	list := make([]activity.Batch, len(rows))
	for i, r := range rows {
		list[i] = activity.Batch{ID: r.ID, Source: r.Source, State: r.State, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, By: r.Login, Report: []byte(r.Report)}
	}
	return list, translate(err)
}

// reportUnquoted is a batch's report without what it quotes of records.
const reportUnquoted = "iif(json_valid(report), json_set(report, '$.rejections', json('[]'), '$.conflicts', json('[]')), '{}')"

// BeginUndo marks a batch as one that is being undone: from then on nothing is added to
// it, and its report quotes no record. It can be called again, after one that was interrupted.
// Cost: a walk over its activities; a bit for each entry of the log.
// Errors: not_found, conflict (undone already), unavailable.
func (db *DB) BeginUndo(ctx context.Context, batch int64) (u activity.Undo, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		var state string
		found, err := tx.w.find(ctx, "SELECT state, source FROM batch WHERE id = ?", []any{batch}, &state, &u.Source)
		switch {
		case err != nil:
			return err
		case !found:
			return fault.New(fault.NotFound, "There is no import %d.", batch).Blame("id")
		case state == activity.BatchUndone:
			return fault.New(fault.Conflict, "The import %d is undone already.", batch).Blame("id")
		}
		return tx.w.exec(ctx, "UPDATE batch SET state = ?, report = "+reportUnquoted+" WHERE id = ?", activity.BatchUndoing, batch)
	})
	if err != nil {
		return u, err
	}
	err = db.reading(ctx, func(tx bun.Tx) error {
		u.Runs, u.Count, err = batchRuns(ctx, tx, batch)
		return err
	})
	return u, translate(err)
}

func batchRuns(ctx context.Context, tx bun.IDB, batch int64) (runs [][2]int64, n int64, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT a.seq FROM words JOIN activity AS a ON a.key = words.rowid WHERE words MATCH ?",
		"facets : b"+strconv.FormatInt(batch, 10))
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	var found bitset
	var last int64
	for ; rows.Next(); n++ {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, 0, err
		}
		found.set(seq)
		last = max(last, seq)
	}
	if err := rows.Err(); err != nil {
		return nil, 0, err
	}
	for seq := int64(0); n > 0 && seq <= last; seq++ {
		if found.has(seq) {
			runs = activity.AddPlace(runs, seq)
		}
	}
	return runs, n, nil
}

// EndUndo notes that a batch is undone, and records said, if that is not nil, in the same
// commit: what erased activities has said so already. One that is undone stays so.
// Errors: unavailable.
func (db *DB) EndUndo(ctx context.Context, batch int64, said *activity.Body) error {
	return db.Write(ctx, func(tx *Tx) error {
		var one int64
		undoing, err := tx.w.find(ctx, "SELECT 1 FROM batch WHERE id = ? AND state = ?", []any{batch, activity.BatchUndoing}, &one)
		if err != nil || !undoing {
			return err
		}
		if err := tx.w.exec(ctx, "UPDATE batch SET state = ? WHERE id = ?", activity.BatchUndone, batch); err != nil {
			return err
		}
		if said == nil {
			return nil
		}
		_, err = tx.Record(ctx, *said)
		return err
	})
}

// stillRunning refuses rows of an import that was undone meanwhile.
func (w *writer) stillRunning(ctx context.Context, batch *int64) error {
	if batch == nil {
		return nil
	}
	var state string
	found, err := w.find(ctx, "SELECT state FROM batch WHERE id = ?", []any{*batch}, &state)
	if err != nil {
		return err
	}
	if found && state != activity.BatchRunning {
		return fault.New(fault.Conflict, "This import was undone while it ran. Nothing more of it is stored.")
	}
	return nil
}
