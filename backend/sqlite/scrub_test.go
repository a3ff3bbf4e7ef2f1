package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// wordyBodies have so many words that few of them fill the index.
func wordyBodies(from, n int) []activity.Body {
	list := bodies(from, n)
	for i := range list {
		var text strings.Builder
		for j := range 300 {
			fmt.Fprintf(&text, "w%dx%d ", from+i, j*7919)
		}
		list[i].Parameters, _ = json.Marshal(map[string]string{"text": text.String()})
	}
	return list
}

// The text leaves the file also where merging the index takes several steps and others
// write in between: fewer commits than FTS5 merges by itself, as many as it merges.
func TestScrubBesideOthers(t *testing.T) {
	dir := t.TempDir()
	db := openTest(t, testOptions(dir))
	appendAll(t, db, wordyBodies(0, 1000))
	batch := batchOf(t, db, secretBodies(50_000, 20)) // less than FTS5 would merge for
	if _, err := db.mergeAll(t.Context(), -1<<20); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "SELECT count(*) FROM words_data"); n < 2*scrubPages {
		t.Fatalf("the index has %d pages: this test proves nothing", n)
	}
	undo(t, db, batch, 1)
	var done atomic.Bool
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; !done.Load(); i++ {
			if _, err := db.Append(t.Context(), bodies(90_000+i, 1)); err != nil {
				t.Error(err)
			}
		}
	})
	err := db.Scrub(t.Context())
	done.Store(true)
	others.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if in := holds(t, dir, "kanarie"); len(in) != 0 {
		t.Errorf("the text is still in %v", in)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r := verifyIn(t, dir); r.State != ledger.Verified || r.Erased != 20 {
		t.Errorf("%s, %d erased\n%s", r.State, r.Erased, listed(r))
	}
}

// While Scrub waits for somebody who reads for long, others write.
func TestScrubLetsOthersWrite(t *testing.T) {
	o := testOptions(t.TempDir())
	db, other := openTest(t, o), openTest(t, o)
	appendAll(t, db, bodies(0, 20))
	reading, err := other.read.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer reading.Close()
	if _, err := reading.ExecContext(t.Context(), "BEGIN; SELECT count(*) FROM entry"); err != nil {
		t.Fatal(err)
	}
	appendAll(t, db, bodies(20, 1)) // the reader keeps it in the WAL
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- db.Scrub(ctx) }()
	probe, _ := secondProcess(t, db.options)
	if _, err := probe.ExecContext(t.Context(), "PRAGMA busy_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { // Scrub holds the log while it waits
		if _, err := probe.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
			return true
		}
		_, err := probe.ExecContext(t.Context(), "ROLLBACK")
		return err != nil
	})
	if _, err := other.Append(t.Context(), bodies(21, 1)); err != nil {
		t.Errorf("kept out: %v", err)
	}
	select {
	case err := <-ended:
		t.Errorf("Scrub ended before: %v", err)
	default:
	}
	stop()
	if err := <-ended; err == nil {
		t.Error("the WAL was emptied though somebody reads: this test proves nothing")
	}
	if _, err := reading.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Error(err)
	}
}
