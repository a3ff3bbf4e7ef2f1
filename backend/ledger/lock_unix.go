//go:build unix

package ledger

import (
	"errors"
	"os"
	"syscall"
)

// Lock waits for the exclusive lock on a file, which is made if it is not there, and
// returns what ends it. It holds between processes and within one.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil // closing ends the lock
}

// tryLock takes a shared or the only lock on a file without waiting, and reports whether
// another's lock is in the way.
func tryLock(f *os.File, only bool) (taken bool) {
	how := syscall.LOCK_SH
	if only {
		how = syscall.LOCK_EX
	}
	return errors.Is(syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// unlock ends what tryLock took.
func unlock(f *os.File) { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }
