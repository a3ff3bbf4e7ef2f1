package avatar

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// How long an answer is kept.
const (
	keepHit  = 24 * time.Hour
	keepMiss = time.Hour
)

// A cache keeps pictures in files named by the hash; an empty file is a miss. The
// file's time is when it was fetched. Whatever is wrong with a file, it counts as
// not there: the cache is never needed.
type cache struct {
	dir string
	now func() time.Time
}

// get returns what is kept, and whether that is fresh.
func (c cache) get(hash string) ([]byte, bool) {
	path := filepath.Join(c.dir, hash)
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxBytes {
		return nil, false
	}
	age, keep := c.now().Sub(info.ModTime()), keepHit
	if info.Size() == 0 {
		keep = keepMiss
	}
	if age < 0 || age >= keep {
		return nil, false
	}
	data, err := os.ReadFile(path)
	if err != nil || len(data) > 0 && mediaType(data) == "" {
		return nil, false
	}
	return data, true
}

// put keeps an answer; nil is a miss.
func (c cache) put(hash string, data []byte) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(c.dir, ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	_, err = temp.Write(data)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		now := c.now()
		err = os.Chtimes(temp.Name(), now, now)
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), filepath.Join(c.dir, hash))
}

// drop removes an answer.
func (c cache) drop(hash string) error {
	err := os.Remove(filepath.Join(c.dir, hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
