package ledger

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// Lock waits for the exclusive lock on a file, which is made if it is not there, and
// returns what ends it. It holds between processes and within one.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	var o windows.Overlapped
	if err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &o); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil // closing ends the lock
}
