package sqlite

import (
	"context"
	"strconv"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A goneRow is an activity that is being erased: what its places in the other tables
// are found by.
type goneRow struct {
	key, seq int64
	places
	ext *[16]byte // nil also where its external id is to stay
}

// EraseBatch takes the bodies of a batch's activities that lie in these runs of ledger
// places (from 0, both ends included) out of the log, in one commit with the activity
// that say makes of what was found. With them go their words, their counts, the values
// that only they had and, so that they can come again, their external ids; their entries
// stay. The batch must be one that is being undone, see [DB.BeginUndo]. Text stays in the
// file until [DB.Scrub]. It returns how many were erased; of what is gone already it says
// nothing. Cost: each about what it takes to record one in bulk, twice that where they lie apart.
// Errors: conflict (the batch is not being undone; the holds are others than those of the
// mark), unavailable, and then nothing is erased.
func (db *DB) EraseBatch(ctx context.Context, batch int64, holds string, runs [][2]int64, say activity.Said) (n int64, err error) {
	err = db.erasing(ctx, func(ctx context.Context, tx *Tx) error {
		var state string
		found, err := tx.w.find(ctx, "SELECT state FROM batch WHERE id = ?", []any{batch}, &state)
		if err != nil {
			return err
		}
		if !found || state != activity.BatchUndoing {
			return fault.New(fault.Conflict, "The import %d is not being undone.", batch)
		}
		if err := tx.w.underHolds(ctx, holds); err != nil {
			return err
		}
		rows, err := tx.w.batchRows(ctx, batch, runs)
		n = int64(len(rows))
		if err != nil || n == 0 {
			return err
		}
		return tx.erase(ctx, rows, say(n, runsOfRows(rows)))
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// erasing runs a step that erases, in a commit of its own; once it runs, to the end.
func (db *DB) erasing(ctx context.Context, step func(context.Context, *Tx) error) error {
	return db.writer.submit(ctx, &request{alone: true, run: func(tx *Tx) error {
		return step(context.WithoutCancel(ctx), tx) // see Write
	}})
}

const (
	goneColumns = "SELECT key, seq, actor, type, source, site, object, ip, batch"
	goneFrom    = " FROM activity WHERE seq BETWEEN ? AND ?"
)

func (g *goneRow) scanned() []any {
	return []any{&g.key, &g.seq, &g.actor, &g.typ, &g.source, &g.site, &g.object, &g.ip, &g.batch}
}

// batchRows reads the activities of a batch in runs, in the order of their places, with
// their external ids.
func (w *writer) batchRows(ctx context.Context, batch int64, runs [][2]int64) ([]goneRow, error) {
	var gone []goneRow
	for _, run := range runs {
		err := w.each(ctx, goneColumns+", body"+goneFrom+" AND batch = ? ORDER BY seq", []any{run[0], run[1], batch}, func(scan func(...any) error) error {
			var g goneRow
			var body []byte
			err := scan(append(g.scanned(), &body)...)
			if err == nil {
				g.ext, err = w.db.externalOf(body)
			}
			gone = append(gone, g)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// externalOf is the keyed hash of a stored body's external id, nil if it has none.
func (db *DB) externalOf(body []byte) (*[16]byte, error) {
	b, err := activity.DecodeBody(body)
	if err != nil {
		return nil, err
	}
	return db.external(b)
}

// runsOfRows returns the places of rows, which are in order, as runs.
func runsOfRows(rows []goneRow) [][2]int64 {
	var runs [][2]int64
	for _, g := range rows {
		runs = activity.AddPlace(runs, g.seq)
	}
	return runs
}

// erase records that rows are erased, and erases them.
func (tx *Tx) erase(ctx context.Context, rows []goneRow, said activity.Body) error {
	w := tx.w
	linked, err := w.keepLinks(ctx, rows, &said)
	if err != nil {
		return err
	}
	receipt, err := tx.Record(ctx, said)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(receipt.ID, 10, 64)
	if err != nil {
		return err
	}
	if err := w.countUp(ctx); err != nil {
		return err
	}
	if err := w.uncount(ctx, rows); err != nil {
		return err
	}
	for _, run := range runsOfRows(rows) {
		if err := w.exec(ctx, "INSERT INTO erasure (lo, hi, by) VALUES (?, ?, ?)", run[0], run[1], id-1); err != nil {
			return err
		}
		if err := w.exec(ctx, "DELETE FROM activity WHERE seq BETWEEN ? AND ?", run[0], run[1]); err != nil {
			return err
		}
	}
	for _, g := range rows {
		if g.ext != nil {
			if err := w.exec(ctx, "DELETE FROM seen WHERE ext = ? AND seq = ?", g.ext[:], g.seq); err != nil {
				return err
			}
		}
		if err := w.exec(ctx, "DELETE FROM words WHERE rowid = ?", g.key); err != nil {
			return err
		}
	}
	if err := w.dropUnused(ctx, rows, id-1); err != nil {
		return err
	}
	if err := w.dropUnlinked(ctx, linked); err != nil {
		return err
	}
	w.known.stale = true // it remembers places in the dictionaries that may be gone
	w.db.addedToWAL(int64(len(rows)))
	return nil
}

// uncount takes rows out of the kept counts, which must hold them.
func (w *writer) uncount(ctx context.Context, rows []goneRow) error {
	type place struct {
		table string
		a, b  int64
		slot  int64
	}
	counts := map[place]int64{}
	for _, g := range rows {
		slot := SlotOf(g.key >> keyBits)
		counts[place{table: "slot_all", slot: slot}]++
		counts[place{table: "slot_actor", a: g.actor, slot: slot}]++
		counts[place{table: "slot_type", a: g.typ, slot: slot}]++
		counts[place{table: "slot_actor_type", a: g.actor, b: g.typ, slot: slot}]++
		if g.site != nil {
			counts[place{table: "slot_site", a: *g.site, slot: slot}]++
		}
	}
	for p, n := range counts {
		where, args := " WHERE slot = ?", []any{p.slot}
		switch p.table {
		case "slot_actor":
			where, args = where+" AND actor = ?", append(args, p.a)
		case "slot_type":
			where, args = where+" AND type = ?", append(args, p.a)
		case "slot_site":
			where, args = where+" AND site = ?", append(args, p.a)
		case "slot_actor_type":
			where, args = where+" AND actor = ? AND type = ?", append(args, p.a, p.b)
		}
		if err := w.exec(ctx, "UPDATE "+p.table+" SET n = n - ?"+where, append([]any{n}, args...)...); err != nil {
			return err
		}
		if err := w.exec(ctx, "DELETE FROM "+p.table+where+" AND n = 0", args...); err != nil {
			return err
		}
	}
	return nil
}
