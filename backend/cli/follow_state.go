package cli

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"activitylog/backend/fault"
)

// A followState says which file is followed and how far it was read. ID and the place
// of a line make the external id of a draft without one: what was stored after the
// state was last written is recognised when it is read again. So the ID is on the disk
// before anything is stored under it.
type followState struct {
	ID     string `json:"id"`     // of this file; a file that takes its place gets another one
	Offset int64  `json:"offset"` // bytes that are done with
	Lines  int64  `json:"lines"`  // lines in them
	Long   bool   `json:"long"`   // the place is inside a line that was too long
	// Head is the SHA-256 of the file's first Headed bytes: by it the file is known again,
	// whatever it is called then.
	Head   string `json:"head"`
	Headed int64  `json:"headed"`
}

// maxHead bounds the bytes by which a file is known.
const maxHead = 4 << 10

func followStatePath(data, path string) string {
	sum := sha256.Sum256([]byte(path))
	return filepath.Join(data, "follow", hex.EncodeToString(sum[:16])+".json")
}

// load reads the state; there is none before the first run.
func (s *followState) load(path string) (found bool, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(data, s)
	}
	if err == nil && (s.ID == "" || s.Offset < 0 || s.Headed < 0 || s.Headed > maxHead) {
		err = errors.New("a value that cannot be")
	}
	if err != nil {
		return false, fault.Wrap(err, fault.Unavailable,
			"%s, which says how far the file was followed, cannot be read. Put it right, or remove it to begin anew: drafts without an externalId are then stored again.", path)
	}
	return true, nil
}

// save writes the state so that a crash leaves the old one or the new one.
func (s *followState) save(path string) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	if err != nil {
		return stateUnwritable(path, err)
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return stateUnwritable(path, err)
	}
	_, err = file.Write(append(data, '\n'))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return stateUnwritable(path, errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

func stateUnwritable(path string, err error) error {
	return fault.Wrap(err, fault.Unavailable, "%s, which keeps how far the file was followed, cannot be written. Check the disk and the permissions.", path)
}

// begin makes the state of a file that was never read.
func (s *followState) begin(file *os.File) {
	*s = followState{ID: rand.Text()}
	s.know(file)
}

// headOf hashes the first n bytes of a file; false if it has fewer.
func headOf(file *os.File, n int64) (string, bool) {
	data := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(file, 0, n), data); err != nil {
		return "", false
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), true
}

// know notes by which bytes the file is known, as far as it has them by now. They stay
// what they are: a log is only appended to.
func (s *followState) know(file *os.File) {
	info, err := file.Stat()
	if err != nil || s.Headed == maxHead {
		return
	}
	if head, ok := headOf(file, min(info.Size(), maxHead)); ok {
		s.Head, s.Headed = head, min(info.Size(), maxHead)
	}
}

// isOf reports whether the state is of a file: it begins as that one did, and is not
// shorter than what was read. Of a file that was empty, nobody can say.
func (s *followState) isOf(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Size() < s.Offset {
		return false
	}
	head, ok := headOf(file, s.Headed)
	return ok && (s.Headed == 0 || head == s.Head)
}

// renamed finds the file of the state under another name beside the path, as rotation
// leaves it: path.1, path-20261128. Nil if it is not there any more.
func (s *followState) renamed(path string) *os.File {
	if s.Headed == 0 {
		return nil
	}
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	for _, other := range beside(path, func(name string) bool { return strings.HasPrefix(name, stem) }) {
		file, err := os.Open(other)
		if err != nil {
			continue
		}
		if s.isOf(file) {
			return file
		}
		_ = file.Close() // was only read
	}
	return nil
}

// rotated is what rotation appends to a file's name: a number or a date.
var rotated = regexp.MustCompile(`^[.-][0-9][0-9T:_.-]*$`)

// since lists the files that took the path's place after the one that is given and lost
// it again, the oldest first.
func since(file *os.File, path string) []string {
	last, err := file.Stat()
	if err != nil {
		return nil
	}
	times := map[string]time.Time{}
	var paths []string
	for _, other := range beside(path, func(name string) bool {
		suffix, ok := strings.CutPrefix(name, filepath.Base(path))
		return ok && rotated.MatchString(suffix)
	}) {
		info, err := os.Stat(other)
		if err == nil && info.ModTime().After(last.ModTime()) && !os.SameFile(info, last) {
			times[other] = info.ModTime()
			paths = append(paths, other)
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return times[a].Compare(times[b]) })
	return paths
}

// beside lists the plain files beside the path whose name is wanted.
func beside(path string, want func(name string) bool) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil // what is not seen is not there
	}
	var paths []string
	for _, entry := range entries {
		if entry.Name() != filepath.Base(path) && entry.Type().IsRegular() && want(entry.Name()) {
			paths = append(paths, filepath.Join(filepath.Dir(path), entry.Name()))
		}
	}
	return paths
}
