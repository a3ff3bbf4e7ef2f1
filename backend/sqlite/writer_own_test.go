package sqlite

import (
	"sync"
	"testing"
	"time"
)

// What the program records of itself does not wait for a flood of drafts, however long
// their queue is. The control is the same write among the drafts: it waits for them all.
func TestOwnActivityPassesAFlood(t *testing.T) {
	if before := flooded(t, true); before != 0 {
		t.Errorf("%d drafts went before the program's own", before)
	}
	if before := flooded(t, false); before < groupMost-ownMost {
		t.Errorf("only %d drafts went before one of their own: this test proves nothing", before)
	}
}

// At least a tenth of the places is the program's own.
func TestOwnActivityHasPlaces(t *testing.T) {
	w := openTest(t, testOptions(t.TempDir())).writer
	if all := cap(w.own) + cap(w.queue); cap(w.own)*10 < all || all != groupMost {
		t.Errorf("%d of %d places", cap(w.own), all)
	}
}

// flooded holds the writer, has more drafts wait than there are places, then one write
// more, the program's own or not, and lets the writer go. It returns how many of the
// drafts were stored when that write ran.
func flooded(t *testing.T, own bool) (before int64) {
	t.Helper()
	const calls = 3 * groupMost
	db := openTest(t, testOptions(t.TempDir()))
	w := db.writer
	held, release := make(chan struct{}), make(chan struct{})
	var wait sync.WaitGroup
	write := func(own bool, run func(*Tx) error) {
		wait.Go(func() {
			if err := w.submit(t.Context(), &request{run: run, own: own}); err != nil {
				t.Error(err)
			}
		})
	}
	write(true, func(*Tx) error { close(held); <-release; return nil })
	<-held
	begun := w.known.tree.Size()
	for i := range calls {
		size := 1
		if i%50 == 0 {
			size = large + 1 // in a commit of its own
		}
		wait.Go(func() {
			if _, err := db.Append(t.Context(), bodies(i*100, size)); err != nil {
				t.Error(err)
			}
		})
	}
	until(t, func() bool { return len(w.queue) == cap(w.queue) })
	write(own, func(tx *Tx) error { before = tx.w.tx.tree.Size() - begun; return nil })
	until(t, func() bool { return !own || len(w.own) == 1 })
	close(release)
	wait.Wait()
	if got := count(t, db, "SELECT count(*) FROM activity"); got < calls {
		t.Errorf("%d activities of %d calls", got, calls)
	}
	return before
}

// until waits for a condition.
func until(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}
