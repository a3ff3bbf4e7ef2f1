package sqlite

import (
	"cmp"
	"context"
	"slices"
)

// Each commit adds a segment to the words index, and a search asks every segment.
// Merging them is kept off the path of who waits for a commit: see migrations for
// what is switched off, and idle for what is done instead.
const (
	mergePages = 64 // a step while others may come, some milliseconds
	// rowsAPage says how much a large commit merges for what it adds. Less would let
	// segments pile up during an import, more would redo them too often.
	rowsAPage = 8
)

const mergeQuery = "INSERT INTO words (words, rank) VALUES ('merge', ?)"

// writeWords writes the words in the order of their keys: a smaller one after a
// larger makes FTS5 begin another segment. Only what touches a single row may follow:
// another statement makes FTS5 write out what it has gathered, and the commit again.
func (w *writer) writeWords(ctx context.Context) error {
	slices.SortFunc(w.tx.words, func(a, b wordRow) int { return cmp.Compare(a.key, b.key) })
	for _, row := range w.tx.words {
		if err := w.exec(ctx, "INSERT INTO words (rowid, text, facets) VALUES (?, ?, ?)", row.key, row.text, row.facets); err != nil {
			return err
		}
	}
	if n := len(w.tx.words); n > large {
		return w.exec(ctx, mergeQuery, n/rowsAPage)
	}
	return nil
}

// mergeStep merges a few pages.
func (w *writer) mergeStep(ctx context.Context) (worked bool, err error) {
	return w.merge(ctx, mergePages)
}

// merge merges so many pages. SQLite says by the number of changes whether anything was
// left to merge.
func (w *writer) merge(ctx context.Context, pages int) (worked bool, err error) {
	var before, after int64
	if _, err := w.find(ctx, "SELECT total_changes()", nil, &before); err != nil {
		return false, err
	}
	if err := w.exec(ctx, mergeQuery, pages); err != nil {
		return false, err
	}
	if _, err := w.find(ctx, "SELECT total_changes()", nil, &after); err != nil {
		return false, err
	}
	return after-before >= 2, nil
}
