package sqlite

import "context"

// idle does what commits put off, in small transactions, until nothing is left,
// somebody waits, or the log is closed. It needs the turn; a failure is the next try's.
func (w *writer) idle(ctx context.Context) {
	worked, err := w.aside(ctx, w.countStep)
	if err != nil {
		return
	}
	if worked {
		w.known.counted = w.tx.counted
	}
	for !w.awaited() && !w.isClosing() {
		worked, err := w.aside(ctx, w.mergeStep)
		if err != nil || !worked {
			return
		}
		w.db.addedToWAL(2 * mergePages)
	}
}

// awaited reports whether somebody waits in either line.
func (w *writer) awaited() bool { return len(w.own)+len(w.queue) > 0 }

func (w *writer) isClosing() bool {
	select {
	case <-w.closing:
		return true
	default:
		return false
	}
}

// aside runs a step in a transaction of its own.
func (w *writer) aside(ctx context.Context, step func(context.Context) (worked bool, err error)) (worked bool, err error) {
	if w.broken || w.db.state.refusal() != nil {
		return false, nil
	}
	w.failed.err = nil // of another chore
	defer func() {
		if err != nil {
			w.rollback(ctx, err)
		}
	}()
	if err := w.beginWriting(ctx); err != nil {
		return false, err
	}
	if worked, err = step(ctx); err != nil {
		return false, err
	}
	return worked, w.commit(ctx)
}

// countStep brings the kept counts up to date.
func (w *writer) countStep(ctx context.Context) (worked bool, err error) {
	if err := w.refresh(ctx); err != nil {
		return false, err
	}
	if err := w.db.state.refusal(); err != nil {
		return false, err
	}
	if w.begin(); w.tx.counted == w.tx.tree.Size() {
		return false, nil
	}
	if err := w.countUp(ctx); err != nil {
		return false, err
	}
	w.db.addedToWAL(walGuess)
	return true, w.exec(ctx, "UPDATE head SET counted = ? WHERE one = 1", w.tx.counted)
}
