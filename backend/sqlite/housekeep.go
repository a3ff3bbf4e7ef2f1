package sqlite

import (
	"context"
	"errors"
	"os"
	"time"
)

// walMost is the size of the WAL beyond which it is cut, whoever waits for it.
const walMost = 64 << 20

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
// other processes' commits, raise the mark, move the WAL into the file.
func (db *DB) housekeep(ctx context.Context, tick <-chan time.Time) {
	bells := []bell{db.watch.bell, newBell(), newBell()}
	db.tasks.Go(func() { db.watch.loop(ctx) })
	db.tasks.Go(func() { listen(ctx, bells[1], func() { db.raiseMark() }) }) // its failure is kept in the state
	db.tasks.Go(func() { listen(ctx, bells[2], func() { db.tidyWAL(ctx) }) })
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			for _, b := range bells {
				b.ring()
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
	db.dirty.Store(true)
	db.watch.bell.ring()
}

// tidyWAL moves what was committed into the file without stopping anybody, and cuts
// the WAL where it has grown too large, which waits for readers.
func (db *DB) tidyWAL(ctx context.Context) {
	if !db.dirty.Swap(false) {
		return
	}
	mode := "PASSIVE"
	if info, err := os.Stat(db.options.Path + "-wal"); err == nil && info.Size() > walMost {
		mode = "TRUNCATE"
	}
	if !db.checkpointWAL(ctx, mode) {
		db.dirty.Store(true) // the next tick tries again
	}
}

// checkpointWAL runs one checkpoint and looks at what it says; SQLite tells of
// failures nowhere else. It reports whether all of the WAL is in the file.
func (db *DB) checkpointWAL(ctx context.Context, mode string) bool {
	var busy, frames, moved int64
	err := db.maintenance.QueryRowContext(ctx, "PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &frames, &moved)
	if errors.Is(err, context.Canceled) {
		return false
	}
	db.state.noteWAL(err)
	return err == nil && busy == 0 && frames == moved
}
