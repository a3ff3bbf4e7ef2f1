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

// tryLock takes a shared or the only lock on a file without waiting, and reports whether
// another's lock is in the way.
func tryLock(f *os.File, only bool) (taken bool) {
	how := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if only {
		how |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	err := windows.LockFileEx(windows.Handle(f.Fd()), how, 0, 1, 0, new(windows.Overlapped))
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// unlock ends what tryLock took; without a lock it fails, which is as good.
func unlock(f *os.File) {
	_ = windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, new(windows.Overlapped))
}
