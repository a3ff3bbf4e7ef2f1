package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

func TestWatchTellsOfCommits(t *testing.T) {
	dir := t.TempDir()
	o := testOptions(dir)
	tick := make(chan time.Time)
	o.Tick = tick
	db := openTest(t, o)
	other := openTest(t, testOptions(dir))
	told := make(chan struct{}, 100)
	stop := db.Watch(func() { told <- struct{}{} })
	appendAll(t, db, bodies(0, 1))
	<-told // our own, without a tick
	appendAll(t, other, bodies(1, 1))
	tick <- start
	<-told // another's, at a tick
	tick <- start
	tick <- start // by now the first of the two was looked at
	stop()
	appendAll(t, db, bodies(2, 1))
	if err := db.Close(); err != nil { // waits for the watcher
		t.Fatal(err)
	}
	if n := len(told); n != 0 {
		t.Errorf("told %d times too often", n)
	}
}

func TestMarkIsRaised(t *testing.T) {
	o := testOptions(t.TempDir())
	tick := make(chan time.Time)
	o.Tick = tick
	db := openTest(t, o)
	size := func() int64 {
		held, err := db.mark.Read()
		if ledger.IsMissing(err) {
			return -1
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := ledger.OpenNote(held, db.log.vkeys...)
		if err != nil {
			t.Fatal(err)
		}
		return c.Size
	}
	appendAll(t, db, bodies(0, 4))
	for size() != 4 {
		tick <- start
	}
	appendAll(t, db, bodies(4, 3))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if n := size(); n != 7 {
		t.Errorf("after closing the mark is at %d", n)
	}
	if info, err := os.Stat(o.Path + "-wal"); err == nil && info.Size() > 0 {
		t.Errorf("closing left %d bytes in the WAL", info.Size())
	}
}

func TestMarkThatCannotBeRaised(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 4))
	write(t, db.mark.Path(), "not a mark")
	if err := db.raiseMark(); fault.CodeOf(err) != fault.Unavailable || db.State().MarkErr == nil {
		t.Errorf("%v, %v", err, db.State().MarkErr)
	}
	if err := os.Remove(db.mark.Path()); err != nil {
		t.Fatal(err)
	}
	if err := db.raiseMark(); err != nil || db.State().MarkErr != nil {
		t.Errorf("%v, %v", err, db.State().MarkErr)
	}
}

func TestCheckpointMovesTheWAL(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 200))
	left, frames := db.checkpointWAL(t.Context(), db.maintenance, passive)
	if left != 0 || frames == 0 || db.State().WALErr != nil {
		t.Errorf("%d of %d pages left, %v", left, frames, db.State().WALErr)
	}
	// A reader that stays at an old state keeps the newer pages in the WAL.
	conn, err := db.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// By hand: BeginTx would begin one that writes, which this pool refuses.
	if _, err := conn.ExecContext(t.Context(), "BEGIN DEFERRED"); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}()
	var n int
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM entry").Scan(&n); err != nil {
		t.Fatal(err)
	}
	appendAll(t, db, bodies(200, 200))
	if left, _ := db.checkpointWAL(t.Context(), db.maintenance, passive); left == 0 {
		t.Error("nothing was left, though a reader needs it")
	}
}

// idle lets the writer do what it put off.
func idle(db *DB) {
	done := make(chan struct{})
	db.writer.chores <- func(ctx context.Context) { db.writer.idle(ctx); close(done) }
	<-done
}

func TestWordsAreMerged(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	for n := range 60 {
		appendAll(t, db, bodies(n, 1))
	}
	segments := func() int64 { return count(t, db, "SELECT count(DISTINCT segid) FROM words_idx") }
	before := segments()
	idle(db)
	if after := segments(); before < 60 || after >= 10 {
		t.Errorf("%d segments before, %d after", before, after)
	}
	if n := count(t, db, "SELECT count(*) FROM words WHERE words MATCH 'facets:z'"); n != 60 {
		t.Errorf("%d words after merging", n)
	}
	checkLedger(t, db)
	appendAll(t, db, bodies(60, 1))
}

// Whoever waits, in either line, does not wait until all is merged.
func TestMergingGivesWay(t *testing.T) {
	for _, own := range []bool{true, false} {
		db := openTest(t, testOptions(t.TempDir()))
		for n := range 60 {
			appendAll(t, db, bodies(n, 1))
		}
		w := db.writer
		var wait sync.WaitGroup
		done := make(chan struct{})
		w.chores <- func(ctx context.Context) {
			defer close(done)
			wait.Go(func() {
				if err := w.submit(t.Context(), &request{run: func(*Tx) error { return nil }, own: own}); err != nil {
					t.Error(err)
				}
			})
			until(t, w.awaited)
			w.idle(ctx)
		}
		<-done
		wait.Wait()
		if n := count(t, db, "SELECT count(DISTINCT segid) FROM words_idx"); n < 60 {
			t.Errorf("own %v: %d segments are left: it was merged while somebody waited", own, n)
		}
		idle(db)
		if n := count(t, db, "SELECT count(DISTINCT segid) FROM words_idx"); n >= 10 {
			t.Errorf("own %v: %d segments are left once nobody waits", own, n)
		}
	}
}

func TestLease(t *testing.T) {
	dir := t.TempDir()
	one, two := openTest(t, testOptions(dir)), openTest(t, testOptions(dir))
	c := &clock{now: start}
	one.options.Now, two.options.Now = c.Now, c.Now
	take := func(db *DB, owner string, want bool) {
		t.Helper()
		if got, err := db.TakeLease(t.Context(), "retention", owner, time.Minute); err != nil || got != want {
			t.Errorf("%s: %v, %v", owner, got, err)
		}
	}
	renew := func(db *DB, owner string, want fault.Code) {
		t.Helper()
		if err := db.RenewLease(t.Context(), "retention", owner, time.Minute); fault.CodeOf(err) != want {
			t.Errorf("%s: %v", owner, err)
		}
	}
	take(one, "a", true)
	take(two, "b", false)
	take(one, "a", true)
	renew(two, "b", fault.Conflict)
	c.move(50 * time.Second)
	renew(one, "a", "")
	c.move(50 * time.Second)
	take(two, "b", false)
	c.move(10 * time.Second) // it ran out
	renew(one, "a", fault.Conflict)
	take(two, "b", true)
	renew(one, "a", fault.Conflict)
	if err := one.ReleaseLease(t.Context(), "retention", "a"); err != nil { // not its own any more
		t.Error(err)
	}
	take(one, "a", false)
	if err := two.ReleaseLease(t.Context(), "retention", "b"); err != nil {
		t.Error(err)
	}
	take(one, "a", true)
	if held, err := two.TakeLease(t.Context(), "alerts", "b", time.Minute); err != nil || !held {
		t.Errorf("another job: %v, %v", held, err)
	}
}

func TestBackupNeverOverwrites(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	appendAll(t, db, bodies(0, 10))
	dir := t.TempDir()
	path := filepath.Join(dir, "copy.db")
	if err := db.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	note, err := os.ReadFile(path + ".checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	if c, err := ledger.OpenNote(string(note), db.log.vkeys...); err != nil || c.Size != 10 {
		t.Errorf("the note beside it: %+v, %v", c, err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, strings.TrimSuffix(path, ".db")} {
		if name != path { // only the note's name is taken
			write(t, name+".checkpoint", "mine")
		}
		if err := db.Backup(t.Context(), name); fault.CodeOf(err) != fault.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Error("the first copy was changed")
	}
	if err := db.Backup(t.Context(), filepath.Join(dir, "nowhere", "copy.db")); fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("into a directory that is not there: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".backup-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := errors.Join(os.Remove(path), os.Remove(path+".checkpoint")); err != nil {
		t.Error(err)
	}
}

// A WAL that grew large under a reader is cut once that has gone, though somebody writes
// all the time.
func TestTheWALIsCutUnderLoad(t *testing.T) {
	o := testOptions(t.TempDir())
	tick := make(chan time.Time)
	o.Tick = tick
	db := openTest(t, o)
	conn, err := db.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var n int
	if _, err := conn.ExecContext(t.Context(), "BEGIN DEFERRED"); err != nil { // see TestCheckpointMovesTheWAL
		t.Fatal(err)
	}
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM entry").Scan(&n); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer func() { stop(); wait.Wait() }()
	for writer := range 3 { // so that somebody always waits for the turn
		wait.Go(func() {
			for ctx.Err() == nil {
				err := db.Write(ctx, func(tx *Tx) error {
					return tx.w.exec(ctx, "INSERT OR REPLACE INTO setting (name, value) VALUES (?, json_quote(hex(randomblob(?))))", writer, 8<<20)
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	size := func() int64 {
		info, err := os.Stat(o.Path + "-wal")
		if err != nil {
			t.Error(err)
			return 0
		}
		return info.Size()
	}
	const large = walMost * 4096
	until(t, func() bool { return size() > large })
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool {
		tick <- start
		return size() < large
	})
}
