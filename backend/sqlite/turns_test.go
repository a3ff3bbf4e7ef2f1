package sqlite

import (
	"database/sql"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"activitylog/backend/ledger"
)

// secondProcess is a second process that writes to a log: its connection, and its place in line.
func secondProcess(t *testing.T, o Options) (*sql.Conn, *ledger.Gate) {
	t.Helper()
	pool, err := forWriting.open(o.Path, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	gate, err := openGate(o.StateDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gate.Close() })
	return conn, gate
}

// A process that writes without a pause lets another in that waits.
func TestOthersGetTheirTurn(t *testing.T) {
	o := testOptions(t.TempDir())
	db := openTest(t, o)
	conn, gate := secondProcess(t, db.options)
	_, onlooker := secondProcess(t, db.options)
	db.writer.handover = time.Minute // in which a slow machine lets nobody down
	var began, over atomic.Int64
	var stop atomic.Bool
	ended := make(chan error, 1)
	go func() {
		var err error
		for err == nil && !stop.Load() {
			err = db.Write(t.Context(), func(*Tx) error {
				began.Add(1)
				for !onlooker.Others() && !stop.Load() { // so the other always finds the log held
					runtime.Gosched()
				}
				return nil
			})
			over.Add(1)
		}
		ended <- err
	}()
	const rounds = 20
	missed := int64(0)
	for range rounds {
		until(t, func() bool { return began.Load() > over.Load() })
		gate.Wait()
		before := began.Load()
		if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
			t.Fatal(err)
		}
		missed += began.Load() - before
		gate.Through()
		if _, err := conn.ExecContext(t.Context(), "COMMIT"); err != nil {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if missed > 0 {
		t.Errorf("while the other waited, the first one began %d times", missed)
	}
}

// Whoever waits for another's lock is seen to wait, and only then.
func TestWaitingIsSeen(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	conn, gate := secondProcess(t, db.options)
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if gate.Others() {
		t.Error("somebody waits already")
	}
	done := make(chan error, 1)
	go func() { done <- db.Write(t.Context(), func(*Tx) error { return nil }) }()
	until(t, gate.Others)
	if _, err := conn.ExecContext(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { return !gate.Others() }) // but for housekeeping
}
