package sqlite

import (
	"context"

	"activitylog/backend/fault"
)

// scrubPages is how much of the index one step of Scrub merges: some tens of milliseconds.
const scrubPages = 500

// scrubTries is how often Scrub tries to empty the WAL; each waits a second for readers.
const scrubTries = 30

// Scrub removes from the file what erasures left of words: deleting them from FTS5 only
// notes that they are gone, merging all its segments leaves them out
// (https://www.sqlite.org/fts5.html#the_merge_command). Freed pages are overwritten, and
// the WAL, which still has them, is emptied. Others can write in between. Cost: 2 µs for
// each activity of the log, and up to half a minute where others read for long.
// Errors: unavailable (somebody kept the WAL in use all that time: try again).
func (db *DB) Scrub(ctx context.Context) error {
	worked, err := db.mergeAll(ctx, -scrubPages)
	for err == nil && worked && ctx.Err() == nil {
		worked, err = db.mergeAll(ctx, scrubPages)
	}
	if err != nil {
		return translate(err)
	}
	for range scrubTries {
		if ctx.Err() != nil || db.truncateWAL(ctx, walPatience) {
			return translate(ctx.Err())
		}
	}
	return fault.New(fault.Unavailable, "The activities are erased, but another program reads the log, and its file %s-wal may still hold their text. Close that program and try again.", db.options.Path)
}

// mergeAll merges some pages of the index; a negative number begins with all of it.
func (db *DB) mergeAll(ctx context.Context, pages int) (worked bool, err error) {
	err = db.writer.submit(ctx, &request{alone: true, run: func(tx *Tx) error {
		worked, err = tx.w.merge(context.WithoutCancel(ctx), pages)
		return err
	}})
	db.addedToWAL(2 * scrubPages)
	return worked, err
}
