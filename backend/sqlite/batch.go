package sqlite

import (
	"context"
	"time"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// BeginBatch notes that an import from a source begins and returns the batch's
// number. By is the user who imports, 0 for the local owner. The row is not proven
// by the ledger; the LogImported at the end is. Cost: one commit.
func (db *DB) BeginBatch(ctx context.Context, source string, by int64, at time.Time) (batch int64, err error) {
	var user *int64
	if by != 0 {
		user = &by
	}
	err = db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.w.find(ctx, "SELECT coalesce(max(id), 0) + 1 FROM batch", nil, &batch); err != nil {
			return err
		}
		return tx.w.exec(ctx, "INSERT INTO batch (id, source, started_at, state, by_user, report) VALUES (?, ?, ?, 'running', ?, '{}')",
			batch, source, at.UnixMilli(), user)
	})
	return batch, err
}

// EndBatch notes how a batch ended (done, cancelled, failed), with its report as
// JSON, and records the activity that says so in the same commit. One that is being
// undone stays that, and what its report quotes of records is left out.
// Errors: not_found (no such batch), unavailable.
func (db *DB) EndBatch(ctx context.Context, batch int64, state string, at time.Time, report []byte, said activity.Body) error {
	return db.Write(ctx, func(tx *Tx) error {
		var known int64
		found, err := tx.w.find(ctx, "SELECT id FROM batch WHERE id = ?", []any{batch}, &known)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "There is no import %d.", batch)
		}
		if err := tx.w.exec(ctx, "UPDATE batch SET state = iif(state = 'running', ?, state), finished_at = ?, report = ? WHERE id = ?",
			state, at.UnixMilli(), string(report), batch); err != nil {
			return err
		}
		if err := tx.w.exec(ctx, "UPDATE batch SET report = "+reportUnquoted+" WHERE id = ? AND state IN (?, ?)",
			batch, activity.BatchUndoing, activity.BatchUndone); err != nil {
			return err
		}
		_, err = tx.Record(ctx, said)
		return err
	})
}
