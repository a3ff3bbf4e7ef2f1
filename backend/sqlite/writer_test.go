package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// traces are what a closure that fails must not leave.
var traces = []string{
	"entry", "activity", "seen", "actor", "type", "source", "site", "object", "ip", "words",
	"slot_all", "slot_actor", "slot_type", "slot_site", "slot_actor_type", "node", "checkpoint", "preference", "lease",
}

func traceOf(t *testing.T, db *DB) string {
	t.Helper()
	var out strings.Builder
	for _, table := range traces {
		fmt.Fprintf(&out, "%s %d\n", table, count(t, db, "SELECT count(*) FROM "+table))
	}
	return out.String()
}

// together runs closures in one group: the first holds the writer until the others
// are queued.
func together(t *testing.T, db *DB, closures ...func(*Tx) error) []error {
	t.Helper()
	held, release := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := db.Write(t.Context(), func(*Tx) error { close(held); <-release; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-held
	errs := make([]error, len(closures))
	requests := make([]*request, len(closures))
	for i, run := range closures { // in this order
		requests[i] = &request{run: run, done: make(chan error, 1)}
		db.writer.queue <- requests[i]
	}
	close(release)
	for i, r := range requests {
		errs[i] = <-r.done
	}
	wait.Wait()
	return errs
}

// strange is a body of which everything is new to the log.
func strange(n int) activity.Body {
	b := bodyAt(n, start)
	b.Type, b.Actor.Name = fmt.Sprintf("Strange%d", n), new(fmt.Sprintf("stranger%d", n))
	b.Source, b.Actor.Source = fmt.Sprintf("import:strange/%d", n), fmt.Sprintf("import:strange/%d", n)
	b.Site.Name, b.Object.Name, b.IP = fmt.Sprintf("S%d", n), fmt.Sprintf("O%d", n), new(fmt.Sprintf("2001:db8::%x", n))
	return b
}

func TestFailingClosureLeavesNoTrace(t *testing.T) {
	failure := errors.New("the closure's own")
	record := func(n int) func(*Tx) error {
		return func(tx *Tx) error { _, err := tx.Record(t.Context(), strange(n)); return err }
	}
	for name, failing := range map[string]func(*Tx) error{
		"error": func(tx *Tx) error { return errors.Join(record(2)(tx), failure) },
		"panic": func(tx *Tx) error {
			if err := record(2)(tx); err != nil {
				return err
			}
			panic(failure)
		},
		"broken statement": func(tx *Tx) error {
			if err := record(2)(tx); err != nil {
				return err
			}
			_, err := tx.Bun().ExecContext(t.Context(), "INSERT INTO entry (seq) VALUES (0)")
			return err
		},
		"small tables too": func(tx *Tx) error {
			if _, err := tx.Bun().ExecContext(t.Context(), "INSERT INTO lease VALUES ('j', 'o', 1)"); err != nil {
				return err
			}
			return errors.Join(record(2)(tx), failure)
		},
	} {
		t.Run(name, func(t *testing.T) {
			with, without := openTest(t, testOptions(t.TempDir())), openTest(t, testOptions(t.TempDir()))
			errs := together(t, with, record(1), failing, record(3))
			if errs[0] != nil || errs[1] == nil || errs[2] != nil {
				t.Fatalf("errors: %v", errs)
			}
			if _, ok := errors.AsType[*fault.Error](errs[1]); !ok {
				t.Errorf("%v is not one to show", errs[1])
			}
			for _, err := range together(t, without, record(1), record(3)) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if got, want := traceOf(t, with), traceOf(t, without); got != want {
				t.Errorf("with the failing one:\n%s\nwithout:\n%s", got, want)
			}
			checkLedger(t, with)
			// What is remembered must be right too: the same names go in now.
			appendAll(t, with, []activity.Body{strange(2)})
			checkLedger(t, with)
			if n := count(t, with, "SELECT count(*) FROM activity a JOIN actor c ON c.id = a.actor JOIN type y ON y.id = a.type JOIN object o ON o.id = a.object JOIN ip ON ip.id = a.ip WHERE c.name = 'stranger2' AND y.name = 'Strange2' AND o.name = 'O2'"); n != 1 {
				t.Errorf("%d rows have the names of the one that failed first", n)
			}
		})
	}
}

// A closure alone in its transaction has no savepoint of its own.
func TestFailingClosureAlone(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 3))
	before := traceOf(t, db)
	err := db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Record(t.Context(), strange(1)); err != nil {
			return err
		}
		return fault.New(fault.Denied, "No.")
	})
	if fault.CodeOf(err) != fault.Denied {
		t.Errorf("error %v", err)
	}
	if got := traceOf(t, db); got != before {
		t.Errorf("before:\n%s\nafter:\n%s", before, got)
	}
	appendAll(t, db, []activity.Body{strange(1)})
	checkLedger(t, db)
}

func TestRefusedBodyLeavesNoTrace(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	bad := map[string]func(*activity.Body){
		"occurredAt": func(b *activity.Body) { b.OccurredAt = latest },
		"result":     func(b *activity.Body) { b.Result = "fine" },
		"ip":         func(b *activity.Body) { b.IP = new("300.1.1.1") },
		"site":       func(b *activity.Body) { b.Site.ID = new("x") },
		"user":       func(b *activity.Body) { b.Actor.User = new("-1") },
		"parameters": func(b *activity.Body) { b.Parameters = []byte(`{"a":"` + strings.Repeat("x", activity.MaxBody) + `"}`) },
	}
	want := traceOf(t, db)
	for field, spoil := range bad {
		b := strange(9)
		spoil(&b)
		_, err := db.Append(t.Context(), []activity.Body{b})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Record(t.Context(), b); return err })
		if e, ok := errors.AsType[*fault.Error](err); !ok || e.Code != fault.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if got := traceOf(t, db); got != want {
		t.Errorf("left:\n%s", got)
	}
	spoiled := strange(9)
	bad["result"](&spoiled)
	got, err := db.Append(t.Context(), []activity.Body{strange(1), spoiled, strange(2)})
	if err != nil || got[0].Err != nil || got[1].Err == nil || got[2].Err != nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if checkLedger(t, db) != 2 {
		t.Error("not two went in")
	}
}

func TestWriteGivesUpOnlyWhileQueued(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	held, release := make(chan struct{}), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		first <- db.Write(ctx, func(tx *Tx) error {
			close(held)
			<-release
			_, err := tx.Record(ctx, strange(1)) // with a context that has ended
			if err == nil {
				_, err = tx.Bun().ExecContext(context.WithoutCancel(ctx), "INSERT INTO lease VALUES ('j', 'o', 1)")
			}
			return err
		})
	}()
	<-held
	second := make(chan error, 1)
	go func() {
		second <- db.Write(ctx, func(*Tx) error { t.Error("ran though it was given up"); return nil })
	}()
	runtime.Gosched() // it may wait by now, or find its context ended before
	cancel()
	if err := <-second; fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("the one that waited: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the one that ran: %v", err)
	}
	if err := db.Write(ctx, func(*Tx) error { return nil }); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("with an ended context: %v", err)
	}
	if checkLedger(t, db) != 1 {
		t.Error("not one went in")
	}
}

func TestCloseFinishesWhatIsQueued(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	var wait sync.WaitGroup
	acknowledged := make([]bool, 50)
	for i := range acknowledged {
		wait.Go(func() {
			err := db.Write(t.Context(), func(tx *Tx) error { _, err := tx.Record(t.Context(), bodyAt(i, start)); return err })
			acknowledged[i] = err == nil
			if err != nil && fault.CodeOf(err) != fault.Unavailable {
				t.Error(err)
			}
		})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	if err := db.Write(t.Context(), func(*Tx) error { return nil }); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("after closing: %v", err)
	}
	again := openTest(t, db.options)
	n := checkLedger(t, again)
	want := int64(0)
	for _, ok := range acknowledged {
		if ok {
			want++
		}
	}
	if n != want {
		t.Errorf("%d are stored, %d were acknowledged", n, want)
	}
}

func TestManyWriters(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	var wait sync.WaitGroup
	for g := range 20 {
		wait.Go(func() {
			for i := range 20 {
				b := strange(g*100 + i)
				err := db.Write(t.Context(), func(tx *Tx) error {
					_, err := tx.Record(t.Context(), b)
					if err == nil && i%3 == 0 {
						return fault.New(fault.Conflict, "Not this one.")
					}
					return err
				})
				if (err != nil) != (i%3 == 0) {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if n := checkLedger(t, db); n != 20*13 {
		t.Errorf("%d went in, not %d", n, 20*13)
	}
}
