package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// scheduleRow is a row of the table schedule.
type scheduleRow struct {
	bun.BaseModel `bun:"table:schedule,alias:s"`

	Name  string `bun:"name,pk"`
	Saved string `bun:"saved"` // JSON
	Ran   string `bun:"ran"`   // JSON
}

// Schedules calls each with every server that is followed, by name: what was set and how
// the last reading ended (JSON). Cost: one read of a few rows.
func (db *DB) Schedules(ctx context.Context, each func(name string, saved, ran []byte) error) error {
	var rows []scheduleRow
	if err := db.Read().NewSelect().Model(&rows).Order("name").Scan(ctx); err != nil {
		return translate(err)
	}
	for _, row := range rows {
		if err := each(row.Name, []byte(row.Saved), []byte(row.Ran)); err != nil {
			return err
		}
	}
	return nil
}

// ChangeSchedule puts what change makes of the schedule of a name in its place, with the
// activity that says so in the same commit. Saved is nil where there is none, n how many
// there are. A nil schedule is removed; without an activity nothing changes.
func (db *DB) ChangeSchedule(ctx context.Context, name string, change func(saved, ran []byte, n int) (nextSaved, nextRan []byte, said *activity.Body, err error)) error {
	return db.Write(ctx, func(tx *Tx) error {
		var n int
		if _, err := tx.w.find(ctx, "SELECT count(*) FROM schedule", nil, &n); err != nil {
			return err
		}
		var saved, ran []byte
		if _, err := tx.w.find(ctx, "SELECT CAST(saved AS BLOB), CAST(ran AS BLOB) FROM schedule WHERE name = ?", []any{name}, &saved, &ran); err != nil {
			return err
		}
		saved, ran, said, err := change(saved, ran, n)
		if err != nil || said == nil {
			return err
		}
		if saved == nil {
			err = tx.w.exec(ctx, "DELETE FROM schedule WHERE name = ?", name)
		} else {
			err = tx.w.exec(ctx, `INSERT INTO schedule (name, saved, ran) VALUES (?, ?, ?)
				ON CONFLICT (name) DO UPDATE SET saved = excluded.saved, ran = excluded.ran`, name, string(saved), string(ran))
		}
		if err == nil {
			_, err = tx.Record(ctx, *said)
		}
		return err
	})
}

// RanSchedule notes how the last reading of a server ended, unless what was set is
// another by now. It changes nothing that anybody set, so nothing is recorded.
// Cost: a commit.
func (db *DB) RanSchedule(ctx context.Context, name string, saved, ran []byte) error {
	return db.Write(ctx, func(tx *Tx) error {
		return tx.w.exec(ctx, "UPDATE schedule SET ran = ? WHERE name = ? AND saved = ?", string(ran), name, string(saved))
	})
}
