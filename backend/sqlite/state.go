package sqlite

import (
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// A State is what is known of the log without a verification.
type State struct {
	// Name is ledger.Sealed, Unsealed, KeyMissing, RolledBack or Altered.
	Name string
	// Reason says in a sentence why it is not sealed; "" if it is.
	Reason string
	// Size is the number of entries, Sealed how many are under the newest signature.
	Size, Sealed int64
	Root         tlog.Hash
	Origin       string // activitylog.local/<uuid>
	Key          string // the newest public key, to pin
	Checkpoint   string // the newest signed checkpoint
	// MarkErr and WALErr are the last failures of housekeeping, nil once it works.
	MarkErr, WALErr error
}

// stateBox holds the state between the writer and everybody who asks.
type stateBox struct {
	mu         sync.Mutex
	state      State
	rolledBack error
	altered    error
	gone       error  // the file is not in its place
	raised     string // the note in the mark
	unmarked   bool   // there were entries but no mark on opening; does not change
}

// State returns what is known of the log now. It costs nothing.
func (db *DB) State() State {
	b := &db.state
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.state
	s.Origin = db.log.origin
	if n := len(db.log.vkeys); n > 0 {
		s.Key = db.log.vkeys[n-1]
	}
	switch {
	case b.rolledBack != nil:
		s.Name, s.Reason = ledger.RolledBack, b.rolledBack.Error()
	case b.altered != nil:
		s.Name, s.Reason = ledger.Altered, b.altered.Error()
	case b.gone != nil:
		s.Name, s.Reason = ledger.Altered, b.gone.Error()
	case db.log.key == nil:
		s.Name, s.Reason = ledger.KeyMissing, db.log.keyErr.Error()
	case s.Sealed < s.Size:
		s.Name, s.Reason = ledger.Unsealed, "The newest entries are not signed yet. The next one signs them too, and it is recorded that it did."
	default:
		s.Name = ledger.Sealed
	}
	return s
}

func (b *stateBox) rollBack(why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rolledBack = why
}

func (b *stateBox) alter(why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.altered == nil {
		b.altered = why
	}
}

// refusal returns why nothing may be written, or nil.
func (b *stateBox) refusal() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.rolledBack != nil:
		return fault.Wrap(b.rolledBack, fault.Unavailable,
			"This log was put back to an earlier state: entries that were signed are missing or differ. Nothing is stored until that is settled. Put the newest copy back, or run \"activitylog verify\".")
	case b.altered != nil:
		return fault.Wrap(b.altered, fault.Unavailable,
			"This log was altered from outside. Nothing is stored until that is settled. Run \"activitylog verify\".")
	}
	return b.gone
}

// seen tells what the writer knows after a commit or after looking at the file.
func (b *stateBox) seen(tree *ledger.Tree, s sealed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.Size, b.state.Root = tree.Size(), tree.Root()
	b.state.Sealed, b.state.Checkpoint = s.signed.Size, s.note
}

// toMark returns the note that the mark should be raised to, if it should.
func (b *stateBox) toMark() (note string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rolledBack != nil || b.altered != nil || b.gone != nil || b.state.Checkpoint == b.raised {
		return "", false
	}
	return b.state.Checkpoint, b.state.Checkpoint != ""
}

func (b *stateBox) marked(note string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.raised, b.state.MarkErr = note, nil
}

func (b *stateBox) noteMark(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.MarkErr = err
}

func (b *stateBox) noteWAL(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.WALErr = err
}
