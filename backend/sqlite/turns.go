package sqlite

import (
	"context"
	"path/filepath"
	"time"

	"activitylog/backend/ledger"
)

// handover is how long a process that has just written waits for others that want to.
// SQLite has them ask again after 100 ms at the latest, and knows no queue: who writes
// one slice after the other would otherwise keep them out until they give up.
const handover = 150 * time.Millisecond

// openGate opens the gate at which the processes that write to a log wait.
func openGate(stateDir string) (*ledger.Gate, error) {
	return ledger.OpenGate(filepath.Join(stateDir, "write.lock"))
}

// beginWriting takes the log's lock for writing, after others that wait for it if this process
// was the last to have it.
func (w *writer) beginWriting(ctx context.Context) error {
	if w.db.options.Now().Sub(w.wrote) < w.handover {
		w.letOthersIn()
	}
	w.gate.Wait()
	defer w.gate.Through()
	return w.exec(ctx, "BEGIN IMMEDIATE")
}

func (w *writer) letOthersIn() {
	if !w.gate.Others() {
		return
	}
	end, again := time.After(w.handover), time.NewTicker(time.Millisecond)
	defer again.Stop()
	for w.gate.Others() {
		select {
		case <-end:
			return
		case <-again.C:
		}
	}
}

// commit makes what was written since beginWriting durable.
func (w *writer) commit(ctx context.Context) error {
	defer func() { w.wrote = w.db.options.Now() }()
	return w.exec(ctx, "COMMIT")
}
