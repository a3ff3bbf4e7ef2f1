package sqlite

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/ledger"
	"activitylog/backend/retention"
)

// Retention keeps the rules of retention and its runs. It implements retention.Store.
type Retention struct {
	*DB
	view settingView
}

// NewRetention returns the retention of a log.
func NewRetention(db *DB) *Retention { return &Retention{DB: db, view: settingView{db.Read()}} }

// Settings reads the values that were ever set.
func (r *Retention) Settings(ctx context.Context) (map[string]json.RawMessage, error) {
	return r.view.Settings(ctx)
}

// Update runs change in a transaction of the writer.
func (r *Retention) Update(ctx context.Context, change func(retention.Tx) error) error {
	return r.Write(ctx, func(tx *Tx) error { return change(settingTx{settingView{tx.Bun()}, tx}) })
}

// EraseUnder is EraseRuns as long as a setting has a value, JSON as it was read, or nil
// for one that was never set. Errors: also conflict (it has another value by now).
func (r *Retention) EraseUnder(ctx context.Context, erasing int64, setting string, value json.RawMessage, holds string, runs [][2]int64, say activity.Said) (erased int64, err error) {
	erased, _, err = r.eraseRuns(ctx, erasing, runs, say, func(ctx context.Context, tx *Tx) error {
		var now []byte
		if _, err := tx.w.find(ctx, "SELECT CAST(value AS BLOB) FROM setting WHERE name = ?", []any{setting}, &now); err != nil {
			return err
		}
		if !bytes.Equal(now, value) {
			return fault.New(fault.Conflict, "What is to be kept was changed meanwhile. What was erased before stays erased.")
		}
		return tx.w.underHolds(ctx, holds)
	})
	return erased, err
}

// Clocks returns when checkpoints were signed, in ms: the first of all, the last from one
// time to another, and the last of all; 0 where there is none. Cost: a walk over the
// checkpoints, of which a busy year has 35,000. Errors: unavailable.
func (db *DB) Clocks(ctx context.Context, from, to int64) (first, between, last int64, err error) {
	err = db.Read().NewRaw(`SELECT coalesce(min(created_at), 0), coalesce(max(created_at) FILTER (WHERE created_at BETWEEN ? AND ?), 0),
		coalesce(max(created_at), 0) FROM checkpoint`, from, to).Scan(ctx, &first, &between, &last)
	return first, between, last, translate(err)
}

// oldReports are the reports of imports that quote records, and ended erasings, of before
// a time.
const (
	oldReports  = "FROM batch WHERE finished_at < ? AND json_valid(report) AND (json_array_length(report, '$.rejections') > 0 OR json_array_length(report, '$.conflicts') > 0)"
	oldErasings = "FROM erasing WHERE kind = ? AND finished_at < ?"
)

// OldReports counts what DropReports would drop. Errors: unavailable.
func (db *DB) OldReports(ctx context.Context, kind string, before int64) (n int64, err error) {
	err = db.Read().NewRaw("SELECT (SELECT count(*) "+oldReports+") + (SELECT count(*) "+oldErasings+")", before, kind, before).Scan(ctx, &n)
	return n, translate(err)
}

// DropReports takes out of the reports of imports that ended before a time what they
// quote of records, and forgets the erasings of a kind that ended before it. The numbers
// of the reports stay, and so does what the log says of both. If there were any, what say
// makes of their number is recorded in the same commit. It returns the number.
// Errors: conflict (the erasing is not one that runs), unavailable.
func (db *DB) DropReports(ctx context.Context, erasing int64, kind string, before int64, say activity.Said) (n int64, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		if err := tx.w.erasingRuns(ctx, erasing); err != nil {
			return err
		}
		if _, err := tx.w.find(ctx, "SELECT (SELECT count(*) "+oldReports+") + (SELECT count(*) "+oldErasings+")", []any{before, kind, before}, &n); err != nil || n == 0 {
			return err
		}
		if err := tx.w.exec(ctx, "UPDATE batch SET report = "+reportUnquoted+" WHERE id IN (SELECT id "+oldReports+")", before); err != nil {
			return err
		}
		if err := tx.w.exec(ctx, "DELETE "+oldErasings, kind, before); err != nil {
			return err
		}
		_, err := tx.Record(ctx, say(n, nil))
		return err
	})
	return n, err
}

// Alone has this process be the only one that does a job until release is called, or the
// process ends, however it does; held is false where another is at it. It does not wait.
// Errors: unavailable.
func (db *DB) Alone(job string) (release func() error, held bool, err error) {
	release, held, err = ledger.TryLock(filepath.Join(db.options.StateDir, job+".lock"))
	if err != nil {
		err = fault.Wrap(err, fault.Unavailable, "The state directory %s cannot be used. Check its permissions.", db.options.StateDir)
	}
	return release, held, err
}
