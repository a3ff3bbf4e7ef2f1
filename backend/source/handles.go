package source

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// Limits of handles.
const (
	handleLife = time.Hour // since it was made
	maxUploads = 1000      // of one owner: each is a file of ours
	// staleUpload is how old an upload of a process that is gone must be before
	// another one removes it.
	staleUpload = 24 * time.Hour
)

// A chosen is what a handle stands for.
type chosen struct {
	Handle
	path    string
	owner   owner
	expires time.Time
	upload  bool // the file is ours and goes with the handle
}

// An owner is whoever made a handle.
type owner struct {
	user  int64
	local bool
}

func ownerOf(p access.Principal) owner { return owner{user: p.UserID, local: p.Owner} }

// handles remember which paths were chosen. Only Go code ever sees the paths.
type handles struct {
	dir string
	now func() time.Time

	mu  sync.Mutex
	all map[string]chosen
}

// newHandles keeps uploads in a folder of its own, which it makes when needed, and
// removes what processes before left there.
func newHandles(dir string, now func() time.Time) *handles {
	h := &handles{dir: dir, now: now, all: map[string]chosen{}}
	left, err := os.ReadDir(dir)
	if err != nil {
		return h // there is none yet, or the first upload will say what is wrong
	}
	for _, entry := range left {
		if info, err := entry.Info(); err == nil && now().Sub(info.ModTime()) > staleUpload {
			_ = os.Remove(filepath.Join(dir, entry.Name())) // tried again next time
		}
	}
	return h
}

// offer makes handles of paths that a person chose.
func (h *handles) offer(p access.Principal, paths []string) ([]Handle, error) {
	files := make([]chosen, 0, len(paths))
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "%s cannot be used as a path.", path)
		}
		info, err := os.Stat(abs)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "%s: %s", path, fileReason(err))
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return nil, fault.New(fault.Invalid, "%s is neither a file nor a folder.", path)
		}
		c := chosen{Handle: Handle{Name: filepath.Base(abs), Folder: info.IsDir()}, path: abs}
		if !c.Folder {
			c.Size = info.Size()
		}
		files = append(files, c)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire()
	made := make([]Handle, 0, len(paths))
	for _, c := range files {
		made = append(made, h.add(p, c))
	}
	return made, nil
}

// add makes the handle. The caller holds the lock.
func (h *handles) add(p access.Principal, c chosen) Handle {
	c.ID, c.owner, c.expires = rand.Text(), ownerOf(p), h.now().Add(handleLife)
	h.all[c.ID] = c
	return c.Handle
}

// addUpload is add, unless too many uploads of the owner wait already.
func (h *handles) addUpload(p access.Principal, c chosen) (Handle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire()
	n := 0
	for _, other := range h.all {
		if other.upload && other.owner == ownerOf(p) {
			n++
		}
	}
	if n >= maxUploads {
		return Handle{}, fault.New(fault.Unavailable, "%d files are waiting to be imported already. Import those first.", maxUploads)
	}
	return h.add(p, c), nil
}

// expire forgets what is too old. The caller holds the lock.
func (h *handles) expire() {
	for id, c := range h.all {
		if h.now().After(c.expires) {
			delete(h.all, id)
			c.remove()
		}
	}
}

// remove removes the file, if it is ours.
func (c chosen) remove() {
	if c.upload {
		_ = os.Remove(c.path) // what stays is removed as stale later
	}
}

// upload keeps the bytes of a file until they are imported or an hour has gone by.
// The reader bounds their number.
func (h *handles) upload(p access.Principal, name string, content io.Reader) (Handle, error) {
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return Handle{}, fault.Wrap(err, fault.Unavailable, "There is no place to keep the file. Check the data directory.")
	}
	file, err := os.CreateTemp(h.dir, "upload-*")
	if err != nil {
		return Handle{}, fault.Wrap(err, fault.Unavailable, "There is no place to keep the file. Check the data directory.")
	}
	size, err := io.Copy(file, content)
	if err = errors.Join(err, file.Close()); err != nil {
		if inner, ok := errors.AsType[*fs.PathError](err); ok {
			err = fault.Wrap(inner, fault.Unavailable, "The file could not be kept. Is the disk full?")
		}
		return Handle{}, errors.Join(err, os.Remove(file.Name()))
	}
	handle, err := h.addUpload(p, chosen{Handle: Handle{Name: baseName(name), Size: size}, path: file.Name(), upload: true})
	if err != nil {
		return Handle{}, errors.Join(err, os.Remove(file.Name()))
	}
	return handle, nil
}

// baseName takes the last part of what a browser calls a file.
func baseName(name string) string {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' || name[i] == '\\' {
			name = name[i+1:]
			break
		}
	}
	if len(name) > 255 {
		name = name[:255]
	}
	if clean := cleanText(name); clean != "" {
		return clean
	}
	return "upload"
}

// take returns what handles stand for, in their order. Errors: invalid (none),
// not_found (no such handle of this caller, or no longer).
func (h *handles) take(p access.Principal, ids []string) ([]chosen, error) {
	if len(ids) == 0 {
		return nil, fault.At("handles", "Choose at least one file.")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.expire()
	taken := make([]chosen, 0, len(ids))
	for _, id := range ids {
		c, ok := h.all[id]
		if !ok || c.owner != ownerOf(p) {
			return nil, noHandle()
		}
		taken = append(taken, c)
	}
	return taken, nil
}

func noHandle() error {
	return fault.New(fault.NotFound, "A chosen file is no longer there. Choose it again.").Blame("handles")
}

// claim ends handles whose files are now an import's own, to be removed at its end.
// Errors: not_found (another import was quicker).
func (h *handles) claim(files []chosen) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range files {
		if _, ok := h.all[c.ID]; !ok {
			return noHandle()
		}
	}
	for _, c := range files {
		delete(h.all, c.ID)
	}
	return nil
}

// giveBack undoes claim where the import did not begin.
func (h *handles) giveBack(files []chosen) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range files {
		h.all[c.ID] = c
	}
}
