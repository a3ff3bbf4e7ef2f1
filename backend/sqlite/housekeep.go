package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The WAL in pages. Checkpoints run beside the writer, which therefore never waits
// for them, though each may slow a commit or two that wants the disk at that moment,
// which is why they are not more frequent. But only at a moment without newer commits can the WAL begin anew, and
// under a steady load that moment must be made.
const (
	walGuess = 14    // what one small commit adds
	walOften = 4000  // move them into the file each time so many were added, and at ticks
	walLong  = 8000  // then have the writer do the last bit itself, while nothing is added
	walMost  = 16384 // 64 MiB: cut it, though others may wait for that

	walPatience   = time.Second            // how long cutting it waits for readers
	briefPatience = 100 * time.Millisecond // and while others want to write, or at the end, when it is only tidiness
)

const (
	passive  = "PRAGMA wal_checkpoint(PASSIVE)"  // as much as goes without waiting
	truncate = "PRAGMA wal_checkpoint(TRUNCATE)" // all, and the WAL is empty afterwards
)

// A bell wakes a goroutine. Ringing it often before it is heard is ringing it once.
type bell chan struct{}

func newBell() bell { return make(bell, 1) }

func (b bell) ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// housekeep does now and then what must not be done while somebody waits: look for
// other processes' commits, and whether the file is still there, raise the mark, move
// the WAL into the file.
func (db *DB) housekeep(ctx context.Context, tick <-chan time.Time) {
	marks := newBell()
	db.tasks.Go(func() { db.watch.loop(ctx) })
	db.tasks.Go(func() { listen(ctx, marks, func() { _ = db.raiseMark() }) }) // its failure is kept in the state
	db.tasks.Go(func() { listen(ctx, db.wal, func() { db.tidyWAL(ctx) }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			db.lookForFile()
			db.watch.bell.ring()
			marks.ring()
			db.wal.ring()
			if db.putOff.Swap(false) {
				db.writer.ask(db.writer.idle)
			}
		}
	}
}

func listen(ctx context.Context, b bell, do func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-b:
			do()
		}
	}
}

// committed is called after each commit of this process.
func (db *DB) committed() {
	db.putOff.Store(true)
	db.watch.bell.ring()
}

// addedToWAL keeps count of the pages that were written.
func (db *DB) addedToWAL(pages int64) {
	if db.added.Add(pages) >= walOften {
		db.wal.ring()
	}
}

// tidyWAL moves what was committed into the file without stopping anybody.
func (db *DB) tidyWAL(ctx context.Context) {
	if db.added.Swap(0) == 0 {
		return
	}
	left, frames := db.checkpointWAL(ctx, db.maintenance, passive)
	switch {
	case frames > walLong: // also if all of it is in the file: the next commit may have begun behind it
		db.writer.ask(db.cutWAL)
	case left > 0:
		db.added.Add(1) // the next tick tries again
	}
}

// cutWAL moves all into the file, so that the WAL begins anew with the next commit, and
// cuts it where it has become large. The writer does this between two commits: under a
// steady load nobody else gets at the WAL while nothing is added to it.
func (db *DB) cutWAL(ctx context.Context) {
	if _, frames := db.checkpointWAL(ctx, db.writer.conn, passive); frames > walMost {
		db.truncateWAL(ctx, briefPatience)
	}
}

// truncateWAL empties the WAL, unless a reader stays in it for longer than patience,
// and reports whether it did. Writers wait meanwhile.
func (db *DB) truncateWAL(ctx context.Context, patience time.Duration) (emptied bool) {
	conn, err := db.maintenance.Conn(ctx)
	if err != nil {
		db.state.noteWAL(err)
		return false
	}
	defer conn.Close()
	set := func(d time.Duration) {
		if _, err := conn.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", d.Milliseconds())); err != nil {
			db.state.noteWAL(err)
		}
	}
	set(patience)
	left, frames := db.checkpointWAL(ctx, conn, truncate)
	set(busyMillis * time.Millisecond)
	return left == 0 && frames == 0
}

// checkpointWAL runs one checkpoint and looks at what it says; SQLite tells of
// failures nowhere else. It returns how many pages the WAL has, and how many of them
// are not in the file yet.
func (db *DB) checkpointWAL(ctx context.Context, q queryer, pragma string) (left, frames int64) {
	var busy, moved int64
	err := q.QueryRowContext(ctx, pragma).Scan(&busy, &frames, &moved)
	if errors.Is(err, context.Canceled) {
		return 0, 0 // closing, which does its own
	}
	db.state.noteWAL(err)
	if err != nil {
		return 1, 0
	}
	return frames - moved, frames
}
