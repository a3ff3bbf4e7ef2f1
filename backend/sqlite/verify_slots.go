package sqlite

import (
	"context"
	"fmt"
	"math"

	"activitylog/backend/ledger"
)

// slotTables are the tables of kept counts with what they count by. The place in the
// list is what tells their records apart in the tally.
var slotTables = []struct {
	table string
	query string // first id, second id, slot, n
}{
	{"slot_all", "SELECT 0, 0, slot, n FROM slot_all"},
	{"slot_actor", "SELECT actor, 0, slot, n FROM slot_actor"},
	{"slot_type", "SELECT type, 0, slot, n FROM slot_type"},
	{"slot_site", "SELECT site, 0, slot, n FROM slot_site"},
	{"slot_actor_type", "SELECT actor, type, slot, n FROM slot_actor_type"},
}

// A slotRow is a row of one of the slot tables, without its count.
type slotRow struct {
	table int
	a, b  int64
	slot  int64
}

// A slotCheck counts again. Activities come in the order of time, so a slot is
// complete when the next one begins: no more than one is held.
type slotCheck struct {
	t       *tally
	upto    int64 // entries from this seq on are not counted yet
	slot    int64
	n       map[slotRow]int64
	counted int
}

func newSlotCheck(upto int64) *slotCheck {
	return &slotCheck{t: newTally(), upto: upto, slot: none, n: map[slotRow]int64{}}
}

func (c *slotCheck) count(r *activityRow) {
	if r.seq >= c.upto {
		return
	}
	slot := SlotOf(r.key >> keyBits)
	if slot != c.slot {
		c.flush()
		if c.slot = slot; c.counted >= rowsAtOnce {
			c.t.cut(slot)
			c.counted = 0
		}
	}
	c.counted++
	countSlots(c.n, slot, r.actor, r.typ, r.site)
}

// countSlots adds one activity to the five counts.
func countSlots(n map[slotRow]int64, slot, actor, typ, site int64) {
	n[slotRow{0, 0, 0, slot}]++
	n[slotRow{1, actor, 0, slot}]++
	n[slotRow{2, typ, 0, slot}]++
	if site != none {
		n[slotRow{3, site, 0, slot}]++
	}
	n[slotRow{4, actor, typ, slot}]++
}

func (c *slotCheck) flush() {
	for row, n := range c.n {
		c.t.want.add(row.slot, c.hash(row, n))
	}
	clear(c.n)
}

func (c *slotCheck) hash(row slotRow, n int64) uint64 {
	return c.t.hash(int64(row.table), row.a, row.b, row.slot, n)
}

// compare reads the tables and looks at the ranges that differ.
func (c *slotCheck) compare(ctx context.Context, conn fullConn, found *ledger.Findings) error {
	for i, t := range slotTables {
		err := each(ctx, conn, func(s *scan) error {
			row, n := slotOf(s, i)
			c.t.have.add(row.slot, c.hash(row, n))
			return nil
		}, t.query)
		if err != nil {
			return err
		}
	}
	for _, i := range c.t.differing() {
		if err := lookCloser(found, slotTables[0].table, func() error { return c.look(ctx, conn, i, found) }); err != nil {
			return err
		}
	}
	return nil
}

func slotOf(s *scan, table int) (slotRow, int64) {
	a, _ := s.int(0)
	b, _ := s.int(1)
	slot, _ := s.int(2)
	n, _ := s.int(3)
	return slotRow{table, a, b, slot}, n
}

// look compares one range count by count.
func (c *slotCheck) look(ctx context.Context, conn fullConn, i int, found *ledger.Findings) error {
	first, last := c.t.span(i)
	want := map[slotRow]int64{}
	err := each(ctx, conn, func(s *scan) error {
		key, _ := s.int(0)
		actor, _ := s.int(1)
		typ, _ := s.int(2)
		site, _ := s.int(3)
		countSlots(want, SlotOf(key>>keyBits), actor, typ, site)
		return nil
	}, "SELECT key, actor, type, site FROM activity NOT INDEXED WHERE key BETWEEN ? AND ? AND seq < ?", slotKey(first), lastKey(last), c.upto)
	if err != nil {
		return err
	}
	for table, t := range slotTables {
		err := each(ctx, conn, func(s *scan) error {
			row, n := slotOf(s, table)
			if w, any := want[row]; !any || w != n {
				c.tell(found, row, w, n)
			}
			delete(want, row)
			return nil
		}, t.query+" WHERE slot BETWEEN ? AND ?", first, last)
		if err != nil {
			return err
		}
	}
	for row, n := range want {
		c.tell(found, row, n, none)
	}
	return nil
}

// slotKey returns the first key of a slot.
func slotKey(slot int64) int64 {
	if slot < math.MinInt64/SlotMillis>>keyBits {
		return math.MinInt64
	}
	if slot > math.MaxInt64/SlotMillis>>keyBits {
		return math.MaxInt64
	}
	return slot * SlotMillis << keyBits
}

// lastKey returns the last key of a slot.
func lastKey(slot int64) int64 {
	if slot == math.MaxInt64 || slotKey(slot+1) == math.MaxInt64 {
		return math.MaxInt64
	}
	return slotKey(slot+1) - 1
}

// tell names a count that differs. Want is 0 where none should be kept, have is none
// where none is.
func (c *slotCheck) tell(found *ledger.Findings, row slotRow, want, have int64) {
	p := ledger.Problem{Kind: ledger.KindSlot, Table: slotTables[row.table].table, Column: "n"}
	what := fmt.Sprintf("slot %d", row.slot)
	switch row.table {
	case 1, 2, 3:
		what = fmt.Sprintf("%s %d in slot %d", p.Table[len("slot_"):], row.a, row.slot)
	case 4:
		what = fmt.Sprintf("actor %d and type %d in slot %d", row.a, row.b, row.slot)
	}
	switch {
	case want == 0:
		p.Kind, p.Text = ledger.KindExtra, fmt.Sprintf("%d are counted for %s, where there are none.", have, what)
	case have == none:
		p.Kind, p.Text = ledger.KindMissing, fmt.Sprintf("The count for %s is missing: %d.", what, want)
	default:
		p.Text = fmt.Sprintf("%d are counted for %s; there are %d.", have, what, want)
	}
	found.Add(p)
}
