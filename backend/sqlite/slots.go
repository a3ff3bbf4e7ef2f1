package sqlite

import "context"

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

// A slotHit is one activity as it is counted. A site of 0 is none.
type slotHit struct {
	slot, actor, typ, site int64
}

// writeSlots adds the transaction's activities to the counts.
func (w *writer) writeSlots(ctx context.Context) error {
	all := map[int64]int64{}
	type pair struct{ id, slot int64 }
	actors, types, sites := map[pair]int64{}, map[pair]int64{}, map[pair]int64{}
	both := map[slotHit]int64{}
	for _, h := range w.tx.slots {
		all[h.slot]++
		actors[pair{h.actor, h.slot}]++
		types[pair{h.typ, h.slot}]++
		if h.site != 0 {
			sites[pair{h.site, h.slot}]++
		}
		h.site = 0
		both[h]++
	}
	for slot, n := range all {
		if err := w.exec(ctx, "INSERT INTO slot_all (slot, n) VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", slot, n); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		query string
		hits  map[pair]int64
	}{
		{"INSERT INTO slot_actor (actor, slot, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", actors},
		{"INSERT INTO slot_type (type, slot, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", types},
		{"INSERT INTO slot_site (site, slot, n) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", sites},
	} {
		for p, n := range t.hits {
			if err := w.exec(ctx, t.query, p.id, p.slot, n); err != nil {
				return err
			}
		}
	}
	for h, n := range both {
		if err := w.exec(ctx, "INSERT INTO slot_actor_type (actor, type, slot, n) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", h.actor, h.typ, h.slot, n); err != nil {
			return err
		}
	}
	return nil
}
