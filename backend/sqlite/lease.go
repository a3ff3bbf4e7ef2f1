package sqlite

import (
	"context"
	"time"

	"activitylog/backend/fault"
)

// TakeLease makes owner the one that runs a job, for so long, and reports whether it
// is: of several processes one gets it. Taking one's own lease again renews it; one
// that ran out is anybody's. It costs a commit. Errors: unavailable.
func (db *DB) TakeLease(ctx context.Context, job, owner string, length time.Duration) (held bool, err error) {
	now := db.options.Now().UnixMilli()
	err = db.Write(ctx, func(tx *Tx) error {
		var holder string
		err := tx.w.exec(ctx, `INSERT INTO lease (job, owner, until) VALUES (?, ?, ?)
			ON CONFLICT (job) DO UPDATE SET owner = excluded.owner, until = excluded.until
			WHERE owner = excluded.owner OR until <= ?`, job, owner, now+length.Milliseconds(), now)
		if err != nil {
			return err
		}
		_, err = tx.w.find(ctx, "SELECT owner FROM lease WHERE job = ?", []any{job}, &holder)
		held = holder == owner
		return err
	})
	return held && err == nil, err
}

// RenewLease lengthens a lease that owner still holds. Errors: conflict (it ran out
// and another has it, or nobody), after which the job must stop; unavailable.
func (db *DB) RenewLease(ctx context.Context, job, owner string, length time.Duration) error {
	now := db.options.Now().UnixMilli()
	return db.Write(ctx, func(tx *Tx) error {
		var until int64
		found, err := tx.w.find(ctx, "SELECT until FROM lease WHERE job = ? AND owner = ?", []any{job, owner}, &until)
		if err != nil {
			return err
		}
		if !found || until <= now {
			return fault.New(fault.Conflict, "The job %s belongs to another process now.", job)
		}
		return tx.w.exec(ctx, "UPDATE lease SET until = ? WHERE job = ?", now+length.Milliseconds(), job)
	})
}

// ReleaseLease gives the lease back if owner holds it. Errors: unavailable.
func (db *DB) ReleaseLease(ctx context.Context, job, owner string) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.w.exec(ctx, "DELETE FROM lease WHERE job = ? AND owner = ?", job, owner)
	})
}
