package ledger

import (
	"errors"
	"os"
	"time"

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

// How often, and after how long, a Gate tries again to be seen waiting.
const (
	looks = 50
	look  = 100 * time.Microsecond
)

// A Gate is where processes that want the same thing, one after the other, show that
// they wait, so that the one that has it all the time can let them in. It is for one
// goroutine. Where the file system knows no locks nobody is seen waiting.
type Gate struct{ f *os.File }

// OpenGate opens the gate at a path; its file is made if it is not there.
func OpenGate(path string) (*Gate, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &Gate{f}, nil
}

// Wait shows that this process waits, until Through. Another one that looks just then
// is in the way for a moment; one that was stopped while it looked, not for longer.
func (g *Gate) Wait() {
	for range looks {
		if err := g.lock(0); !errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
			return
		}
		time.Sleep(look)
	}
}

// Through shows that it waits no more.
func (g *Gate) Through() {
	_ = windows.UnlockFileEx(windows.Handle(g.f.Fd()), 0, 1, 0, new(windows.Overlapped))
}

// Others reports whether another process waits.
func (g *Gate) Others() bool {
	err := g.lock(windows.LOCKFILE_EXCLUSIVE_LOCK)
	if err == nil {
		g.Through()
	}
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

func (g *Gate) lock(kind uint32) error {
	return windows.LockFileEx(windows.Handle(g.f.Fd()), kind|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, new(windows.Overlapped))
}

// Close closes the gate.
func (g *Gate) Close() error { return g.f.Close() }
