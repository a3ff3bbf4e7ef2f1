package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A Mark is the high-water mark: a file outside the database that holds the newest
// signed checkpoint. A database that is behind it, or not consistent with it, was
// rolled back to an earlier state, which no signature inside the file can show.
type Mark struct {
	dir string
}

// NewMark returns the mark kept in a state directory: its file "head".
func NewMark(dir string) *Mark { return &Mark{dir: dir} }

// Path returns the mark's file.
func (m *Mark) Path() string { return filepath.Join(m.dir, "head") }

// Read returns the signed checkpoint in the mark. An error that is fs.ErrNotExist
// means that there is no mark yet.
func (m *Mark) Read() (string, error) {
	info, err := os.Lstat(m.Path())
	if err != nil {
		return "", fmt.Errorf("ledger: read the mark: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxNote {
		return "", fmt.Errorf("ledger: %s is not a mark", m.Path())
	}
	data, err := os.ReadFile(m.Path())
	if err != nil {
		return "", fmt.Errorf("ledger: read the mark: %w", err)
	}
	return string(data), nil
}

// Raise replaces the mark by a newer signed checkpoint of the same origin. A mark
// that is as high or higher stays: it only grows. Several processes may raise it at
// once. It is durable on return and costs two fsyncs.
func (m *Mark) Raise(signed string, vkeys ...string) (err error) {
	newer, err := OpenNote(signed, vkeys...)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return fmt.Errorf("ledger: make the state directory: %w", err)
	}
	unlock, err := Lock(filepath.Join(m.dir, "head.lock"))
	if err != nil {
		return fmt.Errorf("ledger: lock the mark: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	held, err := m.Read()
	if err != nil && !IsMissing(err) {
		return err
	}
	if err == nil {
		older, err := OpenNote(held, vkeys...)
		if err != nil {
			return fmt.Errorf("ledger: the mark in %s is not this log's: %w", m.Path(), err)
		}
		if older.Size >= newer.Size {
			return nil
		}
	}
	return m.replace(signed)
}

func (m *Mark) replace(signed string) error {
	f, err := os.CreateTemp(m.dir, "head-*") // 0600
	if err != nil {
		return fmt.Errorf("ledger: write the mark: %w", err)
	}
	_, err = f.WriteString(signed)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), m.Path())
	}
	if err != nil {
		return fmt.Errorf("ledger: write the mark: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return syncDir(m.dir)
}
