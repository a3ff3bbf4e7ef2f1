package sqlite

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// neverErased are the types that no erasing takes, as SQL. Only what this log recorded of
// itself is meant, see ownSources: one that was imported speaks of another log.
var neverErased = "'" + strings.Join(activity.NeverErased(), "', '") + "'"

// ownSources are those by which this log speaks of itself; nobody records the types it
// does that with by hand.
const ownSources = "'self', 'cli'"

// erasingRow is a row of the table erasing.
type erasingRow struct {
	bun.BaseModel `bun:"table:erasing,alias:e"`

	ID         int64  `bun:"id,pk"`
	Kind       string `bun:"kind"`
	State      string `bun:"state"`
	ByUser     *int64 `bun:"by_user"`
	Login      string `bun:"login,scanonly"`
	StartedAt  int64  `bun:"started_at"`
	FinishedAt *int64 `bun:"finished_at"`
	Plan       string `bun:"plan"`
	Erased     int64  `bun:"erased"`
	Freed      int64  `bun:"freed"`
}

// BeginErasing notes that erasing begins and returns its number. ID, State and what it did
// so far do not count. What it erases says so itself, commit by commit.
// Errors: conflict (there is one of that kind that is not ended), unavailable.
func (db *DB) BeginErasing(ctx context.Context, e activity.Erasing) (id int64, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		var other int64
		running, err := tx.w.find(ctx, "SELECT id FROM erasing WHERE kind = ? AND state = ?", []any{e.Kind, activity.ErasingRunning}, &other)
		if err != nil {
			return err
		}
		if running {
			return fault.New(fault.Conflict, "Activities are being erased already. Wait until that has ended.")
		}
		id, err = tx.w.insert(ctx, "INSERT INTO erasing (kind, state, by_user, started_at, plan) VALUES (?, ?, ?, ?, ?)",
			e.Kind, activity.ErasingRunning, e.ByUser, e.StartedAt, string(e.Plan))
		return err
	})
	return id, err
}

// EraseRuns takes the bodies of the activities in these runs of ledger places (from 0,
// both ends included) out of the log, in one commit with the activity that say makes of
// what was found. With them go their words, their counts, the values that only they had
// and what reports of their imports quote. Their entries stay, and their external ids
// too, so that an import does not bring them back. What says what became of the log
// itself stays (kept), and so does what is in an import that is being undone, and for
// another call what is more than one commit can tell of (links). Text stays
// in the file until [DB.Scrub]. Of what is gone already it says nothing.
// Cost: as [DB.EraseBatch].
// Errors: conflict (the erasing is not one that runs: somebody stopped it; the holds are
// others than those of the mark), unavailable, and then nothing is erased.
func (db *DB) EraseRuns(ctx context.Context, erasing int64, holds string, runs [][2]int64, say activity.Said) (erased, kept int64, err error) {
	return db.eraseRuns(ctx, erasing, runs, say, func(ctx context.Context, tx *Tx) error { return tx.w.underHolds(ctx, holds) })
}

// eraseRuns is EraseRuns, unless check, in the same commit, fails.
func (db *DB) eraseRuns(ctx context.Context, erasing int64, runs [][2]int64, say activity.Said, check func(context.Context, *Tx) error) (erased, kept int64, err error) {
	err = db.erasing(ctx, func(ctx context.Context, tx *Tx) error {
		err := tx.w.erasingRuns(ctx, erasing)
		if err == nil {
			err = check(ctx, tx)
		}
		if err != nil {
			return err
		}
		rows, stay, err := tx.w.rowsOfRuns(ctx, runs)
		if err != nil {
			return err
		}
		all := int64(len(rows))
		if rows, err = tx.w.fewLinks(ctx, rows); err != nil {
			return err
		}
		erased, kept = int64(len(rows)), stay+all-int64(len(rows))
		if erased == 0 {
			return nil
		}
		if err := tx.w.unquoteReports(ctx, rows); err != nil {
			return err
		}
		if err := tx.w.exec(ctx, "UPDATE erasing SET erased = erased + ? WHERE id = ?", erased, erasing); err != nil {
			return err
		}
		return tx.erase(ctx, rows, say(erased, runsOfRows(rows)))
	})
	if err != nil {
		return 0, 0, err
	}
	return erased, kept, nil
}

// erasingRuns refuses what an erasing that was ended goes on with. Errors: conflict.
func (w *writer) erasingRuns(ctx context.Context, id int64) error {
	var one int64
	going, err := w.find(ctx, "SELECT 1 FROM erasing WHERE id = ? AND state = ?", []any{id, activity.ErasingRunning}, &one)
	if err == nil && !going {
		err = fault.New(fault.Conflict, "This erasing was stopped. What was erased before stays erased.")
	}
	return err
}

// rowsOfRuns reads the activities in runs that may go, in the order of their places, and
// counts those that stay.
func (w *writer) rowsOfRuns(ctx context.Context, runs [][2]int64) (gone []goneRow, stay int64, err error) {
	query := goneColumns + `, type IN (SELECT id FROM type WHERE name IN (` + neverErased + `)) AND source IN (SELECT id FROM source WHERE name IN (` + ownSources + `))
		OR batch IN (SELECT id FROM batch WHERE state = '` + activity.BatchUndoing + `')` + goneFrom + " ORDER BY seq"
	for _, run := range runs {
		err := w.each(ctx, query, []any{run[0], run[1]}, func(scan func(...any) error) error {
			var g goneRow
			var stays *bool // null where there is no batch
			if err := scan(append(g.scanned(), &stays)...); err != nil {
				return err
			}
			if stays != nil && *stays {
				stay++
			} else {
				gone = append(gone, g)
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return gone, stay, nil
}

// unquoteReports takes out of the reports of the rows' imports what they quote of records.
func (w *writer) unquoteReports(ctx context.Context, rows []goneRow) error {
	done := map[int64]bool{}
	for _, g := range rows {
		if g.batch == nil || done[*g.batch] {
			continue
		}
		done[*g.batch] = true
		if err := w.exec(ctx, "UPDATE batch SET report = "+reportUnquoted+" WHERE id = ? AND finished_at IS NOT NULL", *g.batch); err != nil {
			return err
		}
	}
	return nil
}

// EndErasing notes that erasing ended, in which state and how many bytes were given back,
// with the activity that says who ended it, if there is one. One that ended stays as it
// is, and nothing is recorded.
// Errors: unavailable.
func (db *DB) EndErasing(ctx context.Context, e activity.Erasing, ended *activity.Body) error {
	return db.Write(ctx, func(tx *Tx) error {
		var one int64
		runs, err := tx.w.find(ctx, "SELECT 1 FROM erasing WHERE id = ? AND state = ?", []any{e.ID, activity.ErasingRunning}, &one)
		if err != nil || !runs {
			return err
		}
		if ended != nil {
			if _, err := tx.Record(ctx, *ended); err != nil {
				return err
			}
		}
		return tx.w.exec(ctx, "UPDATE erasing SET state = ?, finished_at = ?, freed = ? WHERE id = ?", e.State, e.FinishedAt, e.Freed, e.ID)
	})
}

// Erasings returns the erasings of a kind that began last, newest first. Errors: unavailable.
func (db *DB) Erasings(ctx context.Context, kind string, limit int) ([]activity.Erasing, error) {
	var rows []erasingRow
	err := db.Read().NewSelect().Model(&rows).ColumnExpr("e.*, coalesce(u.login, '') AS login").
		Join("LEFT JOIN user AS u ON u.id = e.by_user").Where("e.kind = ?", kind).OrderExpr("e.id DESC").Limit(int64(limit)).Scan(ctx)
	list := make([]activity.Erasing, len(rows))
	for i, r := range rows {
		list[i] = activity.Erasing{
			ID: r.ID, Kind: r.Kind, State: r.State, ByUser: r.ByUser, By: r.Login, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt,
			Plan: []byte(r.Plan), Erased: r.Erased, Freed: r.Freed,
		}
	}
	return list, translate(err)
}
