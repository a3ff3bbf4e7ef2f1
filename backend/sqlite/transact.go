package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"activitylog/backend/fault"
)

// group runs requests in one transaction and answers each of them.
func (w *writer) group(requests []*request) {
	if len(requests) == 0 {
		return
	}
	errs := make([]error, len(requests))
	wrote, err := w.transact(context.Background(), requests, errs)
	if err == nil && wrote {
		defer w.db.committed() // after the answers
	}
	for i, r := range requests {
		if errs[i] == nil {
			errs[i] = translate(err)
		}
		r.done <- errs[i]
	}
}

// transact runs the closures between BEGIN and COMMIT. Errs gets what each closure
// itself failed with; the error returned befell all of them.
func (w *writer) transact(ctx context.Context, requests []*request, errs []error) (wrote bool, err error) {
	w.db.lookForFile()
	if err := w.db.state.refusal(); err != nil {
		return false, err
	}
	if err := w.reconnect(ctx); err != nil {
		return false, err
	}
	w.failed.err = nil // of a chore
	defer func() {
		if err != nil || !wrote {
			w.rollback(ctx, err)
		}
	}()
	if err := w.beginWriting(ctx); err != nil {
		return false, err
	}
	if err := w.refresh(ctx); err != nil {
		return false, err
	}
	if err := w.db.state.refusal(); err != nil {
		return false, err
	}
	w.begin()
	if err := w.tellOfTail(ctx); err != nil {
		return false, err
	}
	for i, r := range requests {
		if len(requests) == 1 {
			// The transaction itself is the savepoint: SQLite's cost time for each
			// page and each statement.
			errs[i] = translate(w.call(r.run))
		} else if errs[i], err = w.savepoint(ctx, r.run); err != nil {
			return false, err
		}
		if w.failed.err != nil { // the closure may have kept it to itself
			return false, w.failed.err
		}
		wrote = wrote || errs[i] == nil
	}
	if !wrote {
		return false, nil
	}
	if err := w.finish(ctx); err != nil {
		return false, err
	}
	if err := w.commit(ctx); err != nil {
		return false, err
	}
	w.db.lookForFile()
	if err := w.db.state.refusal(); err != nil {
		return false, err // it went into a file that is no longer the log's
	}
	w.settle()
	w.db.addedToWAL(walGuess + int64(len(w.tx.words)))
	return true, nil
}

// savepoint runs one closure. Failed is the closure's own error, after which nothing
// of it is left; fatal means that the whole transaction is gone.
func (w *writer) savepoint(ctx context.Context, run func(*Tx) error) (failed, fatal error) {
	before := w.snapshot()
	if err := w.exec(ctx, "SAVEPOINT one"); err != nil {
		return nil, err
	}
	failed = w.call(run)
	if failed == nil {
		return nil, w.exec(ctx, "RELEASE one")
	}
	w.restore(before)
	if err := errors.Join(w.exec(ctx, "ROLLBACK TO one"), w.exec(ctx, "RELEASE one")); err != nil {
		return nil, err // what the closure met is everybody's reason
	}
	return translate(failed), nil
}

// call runs a closure and turns its panic into an error.
func (w *writer) call(run func(*Tx) error) (err error) {
	tx := &Tx{w: w}
	w.relink = false
	defer func() {
		tx.w = nil
		if w.relink {
			clear(w.known.links)
			clear(w.known.sites)
		}
		if p := recover(); p != nil {
			err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Internal,
				"Something went wrong inside the program. Nothing of this was stored; its log says what.")
		}
	}()
	return run(tx)
}

// rollback undoes the transaction and what was remembered of it.
func (w *writer) rollback(ctx context.Context, cause error) {
	_ = w.exec(ctx, rollbackQuery) // "no transaction is active" where SQLite did it already
	w.failed.err = nil
	w.known.stale = true
	w.known.dicts.undo(dictMark{})
	if code := resultCode(cause); code == codeIO || code == codeCorrupt || code == codeCantOpen {
		w.broken = true
	}
}
