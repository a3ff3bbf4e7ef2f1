//go:build unix

package ledger

import (
	"errors"
	"os"
	"syscall"
	"time"
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
		if err := syscall.Flock(int(g.f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return
		}
		time.Sleep(look)
	}
}

// Through shows that it waits no more.
func (g *Gate) Through() { _ = syscall.Flock(int(g.f.Fd()), syscall.LOCK_UN) }

// Others reports whether another process waits.
func (g *Gate) Others() bool {
	err := syscall.Flock(int(g.f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	g.Through()
	return errors.Is(err, syscall.EWOULDBLOCK)
}

// Close closes the gate.
func (g *Gate) Close() error { return g.f.Close() }
