package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/ledger"
)

// erase takes bodies out as an erasure does: recorded, with the runs, and with all
// that was made from them.
func erase(t *testing.T, db *DB, lo, hi int64) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *Tx) error {
		ctx, run := t.Context(), execAll(t.Context(), tx)
		b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "LogErased")
		b.Parameters = json.RawMessage(fmt.Sprintf(`{"count":%d,"runs":[[%d,%d]]}`, hi-lo+1, lo, hi))
		r, err := tx.Record(ctx, b)
		if err != nil {
			return err
		}
		by, err := strconv.ParseInt(r.ID, 10, 64)
		if err != nil {
			return err
		}
		if err := tx.w.countUp(ctx); err != nil {
			return err
		}
		gone := fmt.Sprintf("(SELECT * FROM activity WHERE seq BETWEEN %d AND %d)", lo, hi)
		slot := "(g.key >> 21) / 900000 - ((g.key >> 21) % 900000 < 0)"
		for table, on := range map[string]string{
			"slot_all": "", "slot_actor": " AND g.actor = t.actor", "slot_type": " AND g.type = t.type",
			"slot_site": " AND g.site = t.site", "slot_actor_type": " AND g.actor = t.actor AND g.type = t.type",
		} {
			run("UPDATE %s AS t SET n = n - (SELECT count(*) FROM %s g WHERE t.slot = %s%s)", table, gone, slot, on)
			run("DELETE FROM %s WHERE n = 0", table)
		}
		run("DELETE FROM words WHERE rowid IN (SELECT key FROM activity WHERE seq BETWEEN %d AND %d)", lo, hi)
		run("INSERT INTO erasure VALUES (%d, %d, %d)", lo, hi, by-1)
		run("DELETE FROM activity WHERE seq BETWEEN %d AND %d", lo, hi)
		for _, table := range []string{"actor", "type", "source", "site", "object", "ip"} {
			run("DELETE FROM %s WHERE id NOT IN (SELECT %s FROM activity WHERE %s IS NOT NULL)", table, table, table)
		}
		return run("")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// execAll returns a function that runs statements until one fails, and says so.
func execAll(ctx context.Context, tx *Tx) func(format string, args ...any) error {
	var failed error
	return func(format string, args ...any) error {
		if failed == nil && format != "" {
			failed = tx.w.exec(ctx, fmt.Sprintf(format, args...))
		}
		return failed
	}
}

// compact drops the first upto entries, whose bodies are erased, and the tree's nodes
// that only they need.
func compact(t *testing.T, db *DB, upto int64) {
	t.Helper()
	certificate := db.State().Checkpoint
	err := db.Write(t.Context(), func(tx *Tx) error {
		b := account.Begin(access.Principal{Login: "owner", Owner: true}, start, "LogPurged")
		b.Parameters = json.RawMessage(fmt.Sprintf(`{"upto":%d}`, upto))
		r, err := tx.Record(t.Context(), b)
		if err != nil {
			return err
		}
		by, err := strconv.ParseInt(r.ID, 10, 64)
		if err != nil {
			return err
		}
		if err := tx.w.exec(t.Context(), "INSERT INTO purge VALUES (?, ?, ?)", by-1, upto, certificate); err != nil {
			return err
		}
		keep := map[int64]bool{}
		for _, index := range ledger.Edge(upto) {
			keep[index] = true
		}
		var failed error
		for index := range tlog.StoredHashIndex(0, upto) {
			if !keep[index] {
				failed = errors.Join(failed, tx.w.exec(t.Context(), "DELETE FROM node WHERE idx = ?", index))
			}
		}
		return errors.Join(failed, tx.w.exec(t.Context(), "DELETE FROM entry WHERE seq < ?", upto))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// erasedLog returns a closed log from which entries 10 to 19 and 40 to 40 were erased.
func erasedLog(t *testing.T) string {
	t.Helper()
	dir := copyLog(t, sampleOf(t).dir)
	db := openTest(t, testOptions(dir))
	erase(t, db, 10, 19)
	erase(t, db, 40, 40)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLargeVerifyNamesAttacksOnErasures(t *testing.T) {
	if testing.Short() {
		t.Skip("many attacks")
	}
	names(t, erasedLog(t), byLibrary(t), 1, erasureAttacks())
	names(t, compactedLog(t), byLibrary(t), 1, purgeAttacks())
}

func TestVerifyAccountsForErasures(t *testing.T) {
	base := erasedLog(t)
	r := verifyIn(t, base)
	if r.State != ledger.Verified || r.Erased != 11 || r.Activities != r.Entries-11 {
		t.Fatalf("%s, %d erased, %d of %d\n%s", r.State, r.Erased, r.Activities, r.Entries, listed(r))
	}
	names(t, base, tamper, 3, erasureAttacks())
}

func erasureAttacks() []attack {
	return []attack{
		cell("erasure.lo", "9", "lo = 10", finding{"erasure", "erasure", "", 9}),
		cell("erasure.lo", "11", "lo = 10", finding{"missing", "activity", "seq", 10}),
		cell("erasure.hi", "20", "lo = 10", finding{"erasure", "erasure", "", 20}),
		cell("erasure.hi", "18", "lo = 10", finding{"missing", "activity", "seq", 19}),
		cell("erasure.by", "by - 1", "lo = 10", finding{"erasure", "erasure", "", -1}),
		{name: "erasure undone", sql: []string{"DELETE FROM erasure WHERE lo = 40"}, want: finding{"missing", "activity", "seq", 40}, off: ""},
		{name: "erased entry dated anew", sql: []string{"UPDATE entry SET recorded_at = recorded_at + 1 WHERE seq = 12"}, want: finding{"leaf", "entry", "recorded_at", 12}},
		{name: "erased commitment", sql: []string{"UPDATE entry SET commitment = randomblob(32) WHERE seq = 12"}, want: finding{"leaf", "entry", "commitment", 12}},
		{name: "another erased on the quiet", sql: []string{"UPDATE erasure SET hi = 20 WHERE lo = 10", "DELETE FROM activity WHERE seq = 20"}, want: finding{"erasure", "erasure", "", -1}},
	}
}

// compactedLog returns a closed log whose first 100 entries were dropped.
func compactedLog(t *testing.T) string {
	t.Helper()
	dir := copyLog(t, sampleOf(t).dir)
	db := openTest(t, testOptions(dir))
	erase(t, db, 0, 99)
	compact(t, db, 100)
	appendAll(t, db, verifyBodies(1000, 7, start))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestVerifyBehindACompactedPrefix(t *testing.T) {
	dir := compactedLog(t)
	r := verifyIn(t, dir)
	if r.State != ledger.Verified || r.Entries != r.Activities {
		t.Fatalf("%s\n%s", r.State, listed(r))
	}
	names(t, dir, tamper, 3, purgeAttacks())
}

func purgeAttacks() []attack {
	return []attack{
		cell("purge.by", "by - 1", "", finding{"erasure", "purge", "", -1}),
		cell("purge.upto", "101", "", finding{"erasure", "purge", "upto", -1}),
		cell("purge.upto", "9223372036854775807", "", finding{"erasure", "purge", "upto", -1}),
		cell("purge.certificate", "replace(certificate, '=', 'A')", "", finding{"erasure", "purge", "certificate", -1}),
		cell("checkpoint.kind", "'purge'", "size = (SELECT max(size) FROM checkpoint WHERE size < (SELECT by FROM purge))", finding{"checkpoint", "checkpoint", "kind", -1}),
		cell("checkpoint.kind", "'other'", "size = (SELECT min(size) FROM checkpoint WHERE size > 0)", finding{"checkpoint", "checkpoint", "kind", -1}),
		{name: "certificate of another size", sql: []string{"UPDATE purge SET certificate = (SELECT note FROM checkpoint WHERE size = 75)"}, want: finding{"erasure", "purge", "certificate", -1}},
		{name: "edge of the prefix", sql: []string{"UPDATE node SET hash = randomblob(32) WHERE idx = (SELECT min(idx) FROM node)"}, want: finding{"leaf", "entry", "", 0}},
		{name: "entry behind the prefix", sql: []string{"UPDATE entry SET recorded_at = recorded_at + 1 WHERE seq = 102"}, want: finding{"leaf", "entry", "recorded_at", 102}},
		{name: "entry of the prefix", sql: []string{"INSERT INTO entry SELECT 7, recorded_at, commitment FROM entry WHERE seq = 102"}, want: finding{"extra", "entry", "seq", 7}},
	}
}
