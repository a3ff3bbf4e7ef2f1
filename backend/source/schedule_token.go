package source

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"activitylog/backend/fault"
)

// tokenFiles keep the tokens of the servers that are followed, each in a file that only
// its owner may read. A file says which address its token is for: that in the database
// can be changed by whoever changes the database.
type tokenFiles struct{ dir string }

var tokenFile = regexp.MustCompile(`^matomo-[a-z0-9]{26}\.token$`)

// orphanAge is how old a file must be before it is removed because no server has it.
const orphanAge = time.Hour

// save keeps a token and returns the name of its file.
func (t tokenFiles) save(address, token string) (name string, err error) {
	name = "matomo-" + strings.ToLower(rand.Text()) + ".token"
	err = os.MkdirAll(t.dir, 0o700)
	var file *os.File
	if err == nil {
		file, err = os.OpenFile(filepath.Join(t.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	}
	if err == nil {
		_, err = file.WriteString(address + "\n" + token + "\n")
		err = errors.Join(err, file.Sync(), file.Close())
	}
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "The token could not be kept. Check the data directory and its free space.")
	}
	return name, nil
}

// read returns the token of a file, if it is for the address.
func (t tokenFiles) read(name, address string) (string, error) {
	gone := fault.New(fault.NotFound, "The token of %s is not there any more, or is for another address. Save the server again, with its token.", address).Blame("token")
	if !tokenFile.MatchString(name) {
		return "", gone
	}
	path := filepath.Join(t.dir, name)
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", gone
	case err != nil:
		return "", fault.Wrap(err, fault.Unavailable, "The token of %s cannot be read.", address).Blame("token")
	case !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", fault.New(fault.Unavailable, "%s can be read by others, so it is not used. Save the server again, with a new token.", path).Blame("token")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "The token of %s cannot be read.", address).Blame("token")
	}
	lines := strings.Split(string(data), "\n")
	if len(lines) != 3 || lines[0] != address {
		return "", gone
	}
	return lines[1], nil
}

// remove forgets a token. One that is not there is as good.
func (t tokenFiles) remove(name string) error {
	if !tokenFile.MatchString(name) {
		return nil
	}
	if err := os.Remove(filepath.Join(t.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(err, fault.Unavailable, "The file %s, which holds the token, could not be removed. Remove it by hand.", filepath.Join(t.dir, name))
	}
	return nil
}

// sweep removes files that no server has: of a process that was killed in between.
func (t tokenFiles) sweep(all []*followed, now time.Time) {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return // tried again next time
	}
	for _, e := range entries {
		used := slices.ContainsFunc(all, func(f *followed) bool { return f.Token == e.Name() })
		if info, err := e.Info(); err == nil && !used && tokenFile.MatchString(e.Name()) && now.Sub(info.ModTime()) > orphanAge {
			_ = t.remove(e.Name())
		}
	}
}
