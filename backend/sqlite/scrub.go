package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"activitylog/backend/fault"
)

// scrubPages is how much of the index one step of Scrub merges: some tens of milliseconds.
const scrubPages = 500

// Scrub tries to empty the WAL for so long, with a pause after each try: it keeps others
// from writing while it waits for readers, and does not wait for another checkpoint, which
// is this program's own for the most part.
const (
	scrubPatience = 30 * time.Second
	scrubPause    = handover
)

// Scrub removes from the file what erasures left of words: deleting them from FTS5 only
// notes that they are gone, merging all its segments leaves them out
// (https://www.sqlite.org/fts5.html#the_merge_command). Freed pages are overwritten, and
// the WAL, which still has them, is emptied. Others can write in between. Cost: the
// whole index is written anew, however little was erased: on a busy machine 0.1 ms for
// each activity of the log. Up to half a minute more where others read for long.
// Errors: unavailable (somebody kept the WAL in use all that time: try again).
func (db *DB) Scrub(ctx context.Context) error {
	if err := db.mergeWords(ctx); err != nil {
		return translate(err)
	}
	end := time.After(scrubPatience)
	for ctx.Err() == nil && !db.truncateWAL(ctx, walPatience) {
		select {
		case <-ctx.Done():
		case <-time.After(scrubPause):
		case <-end:
			return fault.New(fault.Unavailable, "The activities are erased, but another program reads the log, and its file %s-wal may still hold their text. Close that program and try again.", db.options.Path)
		}
	}
	return translate(ctx.Err())
}

// mergeWords merges all segments that the index has now into one. FTS5 leaves a merge
// half done, and says that there is nothing to merge, while others have added as many
// segments as it merges, but fewer than it merges by itself: then it begins again, and
// takes larger steps, so that it comes to an end however much is written beside it.
func (db *DB) mergeWords(ctx context.Context) error {
	newest, _, err := db.segmentsUpTo(ctx, math.MaxInt64)
	worked, pages := false, scrubPages/2
	for left := 2; err == nil && left > 1 && ctx.Err() == nil; {
		if worked {
			worked, err = db.mergeAll(ctx, pages)
		} else {
			pages *= 2
			worked, err = db.mergeAll(ctx, -pages)
		}
		if err == nil {
			_, left, err = db.segmentsUpTo(ctx, newest)
		}
	}
	return err
}

// segmentsUpTo returns the number of the newest commit whose words are in the index, and
// how many segments have words of commits up to one.
func (db *DB) segmentsUpTo(ctx context.Context, commit int64) (newest int64, n int, err error) {
	var list []byte
	if err := db.read.QueryRowContext(ctx, "SELECT block FROM words_data WHERE id = ?", segmentList).Scan(&list); err != nil {
		return 0, 0, err
	}
	segments, ok := readSegments(list)
	if !ok {
		return 0, 0, fault.New(fault.Unavailable, "The index of words does not say what it consists of. Run \"activitylog verify\".")
	}
	for _, s := range segments {
		newest = max(newest, s.newest)
		if s.oldest <= commit {
			n++
		}
	}
	return newest, n, nil
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

// backPages is how much one step of GiveBack gives back: 8 MiB.
const backPages = 2000

// GiveBack makes the file smaller by what is free in it, in steps between which others
// write, and returns by how many bytes. The file itself shrinks once nobody reads an
// older state of it. Cost: grows with the pages given back.
// Errors: unavailable.
func (db *DB) GiveBack(ctx context.Context) (freed int64, err error) {
	for ctx.Err() == nil {
		var n int64
		err := db.erasing(ctx, func(ctx context.Context, tx *Tx) (err error) {
			n, err = tx.w.vacuum(ctx, backPages)
			return err
		})
		if err != nil {
			return freed, err
		}
		if n == 0 {
			db.truncateWAL(ctx, walPatience)
			return freed, nil
		}
		freed += n
		db.addedToWAL(backPages)
	}
	return freed, translate(ctx.Err())
}

// vacuum gives back so many free pages and returns how many bytes those were.
func (w *writer) vacuum(ctx context.Context, pages int64) (freed int64, err error) {
	var free, before, after, size int64
	for pragma, into := range map[string]*int64{"PRAGMA freelist_count": &free, "PRAGMA page_count": &before, "PRAGMA page_size": &size} {
		if _, err := w.find(ctx, pragma, nil, into); err != nil {
			return 0, err
		}
	}
	if free == 0 {
		return 0, nil
	}
	// A page goes with each row that is stepped over.
	if err := w.each(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", pages), nil, func(func(...any) error) error { return nil }); err != nil {
		return 0, err
	}
	_, err = w.find(ctx, "PRAGMA page_count", nil, &after)
	return (before - after) * size, err
}
