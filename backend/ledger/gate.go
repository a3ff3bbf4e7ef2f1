package ledger

import (
	"os"
	"time"
)

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
		if taken := tryLock(g.f, false); !taken {
			return
		}
		time.Sleep(look)
	}
}

// Through shows that it waits no more.
func (g *Gate) Through() { unlock(g.f) }

// Others reports whether another process waits.
func (g *Gate) Others() bool {
	taken := tryLock(g.f, true)
	g.Through()
	return taken
}

// Close closes the gate.
func (g *Gate) Close() error { return g.f.Close() }

// TryLock takes the only lock on a file, which is made if it is not there, unless another
// has it: then held is false. It does not wait, and holds between processes and within
// one; it ends with the process, however that ends. Where the file system knows no locks
// everybody gets it.
func TryLock(path string) (unlock func() error, held bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	if tryLock(f, true) {
		return nil, false, f.Close()
	}
	return f.Close, true, nil // closing ends the lock
}
