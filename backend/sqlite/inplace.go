package sqlite

import (
	"errors"
	"io/fs"
	"os"

	"activitylog/backend/fault"
)

// lookForFile sees whether the file this log was opened as is still at its path. One
// that was removed, or replaced by another, goes on taking commits that nobody will
// ever find again: none of them may be acknowledged. Cost: one look at a directory.
func (db *DB) lookForFile() {
	now, err := os.Lstat(db.options.Path)
	switch {
	case err == nil && os.SameFile(db.file, now):
		db.state.foundFile(nil)
	case err == nil || errors.Is(err, fs.ErrNotExist):
		db.state.foundFile(fault.New(fault.Unavailable,
			"%s was removed or replaced while it was open. Nothing is stored any more. Put it back, or start the program again.", db.options.Path))
	}
}

// gone looks for the file and says if it is not in its place: for who cannot open it.
func (db *DB) gone() error {
	if db.file == nil {
		return nil // it is being opened for the first time
	}
	db.lookForFile()
	return db.state.missing()
}

// missing is set while the file is not in its place.
func (b *stateBox) missing() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.gone
}

// foundFile notes whether the file is in its place.
func (b *stateBox) foundFile(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gone = err
}
