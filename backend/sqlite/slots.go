package sqlite

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// SlotMillis is the width of the slots in which activities are counted: a quarter of
// an hour, which every time zone's hours are made of.
const SlotMillis = 15 * 60 * 1000

// SlotOf returns the slot of a time in Unix milliseconds, also before 1970.
func SlotOf(ms int64) int64 {
	slot := ms / SlotMillis
	if ms%SlotMillis < 0 {
		slot--
	}
	return slot
}

// uncountedMost is how many activities may wait to be counted. Each read that adds
// up kept counts looks at them too, about 2 µs each; each commit is spared five
// pages meanwhile.
const uncountedMost = 256

// slotOfKey is the slot of activity.key.
const slotOfKey = "(key >> 21) / 900000 - ((key >> 21) % 900000 < 0)"

// countUpQueries add the activities of a range of entries to the kept counts.
var countUpQueries = func() []string {
	const rows = " FROM activity WHERE seq >= ? AND seq < ?"
	var list []string
	for _, t := range []struct{ table, by, where string }{
		{"slot_all", "", ""},
		{"slot_actor", "actor, ", ""},
		{"slot_type", "type, ", ""},
		{"slot_site", "site, ", " AND site IS NOT NULL"},
		{"slot_actor_type", "actor, type, ", ""},
	} {
		list = append(list, "INSERT INTO "+t.table+" ("+t.by+"slot, n) SELECT "+t.by+slotOfKey+" AS slot, count(*)"+rows+t.where+
			" GROUP BY "+t.by+"slot ON CONFLICT DO UPDATE SET n = n + excluded.n")
	}
	return list
}()

// countUp brings the kept counts up to the transaction's last entry. The head must
// be written afterwards.
func (w *writer) countUp(ctx context.Context) error {
	for _, query := range countUpQueries {
		if err := w.exec(ctx, query, w.tx.counted, w.tx.tree.Size()); err != nil {
			return err
		}
	}
	w.tx.counted = w.tx.tree.Size()
	return nil
}

// An uncounted is an activity that the kept counts do not hold yet.
type uncounted struct {
	Key, Actor, Type int64
	Site             *int64
}

// notCounted holds for the activities a that the kept counts do not hold yet.
const notCounted = "a.seq >= (SELECT counted FROM head WHERE one = 1)"

// uncountedRows reads those there are, fewer than uncountedMost.
func uncountedRows(ctx context.Context, db bun.IDB) ([]uncounted, error) {
	var rows []uncounted
	err := db.NewSelect().TableExpr("activity AS a").ColumnExpr("a.key, a.actor, a.type, a.site").
		Where(notCounted).Scan(ctx, &rows)
	return rows, err
}

// has reports whether a sum counts the activity.
func (k kept) has(u uncounted) bool {
	return (k.actors == nil || slices.Contains(k.actors, u.Actor)) && (k.types == nil || slices.Contains(k.types, u.Type)) &&
		(k.sites == nil || u.Site != nil && slices.Contains(k.sites, *u.Site))
}
