package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// The file may not grow any more: what does not fit is not acknowledged, nothing else
// is lost, and the writer goes on once there is room.
func TestFullDisk(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	ctx := t.Context()
	appendAll(t, db, bodies(0, 20))
	limit := func(pages string) {
		t.Helper()
		err := db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Bun().ExecContext(ctx, "PRAGMA max_page_count = "+pages)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(fmt.Sprint(count(t, db, "PRAGMA page_count") + 5))
	stored, refused := int64(20), 0
	for n := 20; refused < 5; n++ {
		b := bodyAt(n, start)
		b.Parameters = []byte(`{"long":"` + strings.Repeat("long text ", 500) + `"}`)
		_, err := db.Append(ctx, []activity.Body{b})
		switch {
		case err == nil:
			stored++
		case fault.CodeOf(err) == fault.Unavailable && strings.Contains(err.Error(), "full"):
			refused++
		default:
			t.Fatalf("append: %v", err)
		}
	}
	if n := checkLedger(t, db); n != stored {
		t.Errorf("%d stored, %d acknowledged", n, stored)
	}
	small := func(n int) func(*Tx) error {
		return func(tx *Tx) error { _, err := tx.Record(ctx, strange(n)); return err }
	}
	// A group, of which one is too large: SQLite ends the whole transaction.
	large := func(tx *Tx) error {
		_, err := tx.Bun().ExecContext(ctx, "CREATE TABLE IF NOT EXISTS big AS SELECT zeroblob(1000000) AS x")
		return err
	}
	// What it writes after its failure must not go in by itself.
	swallowed := func(tx *Tx) error { large(tx); small(99)(tx); return nil }
	for i, middle := range []func(*Tx) error{large, swallowed} {
		before := checkLedger(t, db)
		errs := together(t, db, small(10+i), middle, small(20+i))
		after := checkLedger(t, db)
		acknowledged := int64(0)
		for i, err := range errs {
			if err == nil && i != 1 {
				acknowledged++
			}
		}
		if after != before || acknowledged != 0 || errs[1] == nil {
			t.Errorf("%d stored, %d acknowledged: %v", after-before, acknowledged, errs)
		}
	}
	if err := db.Write(ctx, swallowed); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("alone: %v", err)
	}
	if n := count(t, db, "SELECT count(*) FROM actor WHERE name = 'stranger99'"); n != 0 {
		t.Error("something was written outside of a transaction")
	}
	limit("1073741823")
	appendAll(t, db, []activity.Body{strange(3), strange(4)})
	checkLedger(t, db)
	if s := db.State(); s.Name != "sealed" {
		t.Errorf("%+v", s)
	}
}

// After an I/O error the writer takes a new connection.
func TestReconnect(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 3))
	err := db.Write(t.Context(), func(tx *Tx) error { tx.w.broken = true; return nil })
	if err != nil {
		t.Fatal(err)
	}
	appendAll(t, db, bodies(3, 3))
	if db.writer.broken {
		t.Error("the connection was not made anew")
	}
	if checkLedger(t, db) != 6 {
		t.Error("not six went in")
	}
}
