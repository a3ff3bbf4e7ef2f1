package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/uptrace/bun"

	"activitylog/backend/fault"
)

// groupMost is how many closures share a commit at most. More would make the first
// wait longer than it gains the last.
const groupMost = 256

// A writer owns the one connection that writes. Whoever has the turn writes: a caller
// that finds nobody writing does it itself, which saves two changes of goroutine; what
// comes meanwhile is queued, and the writer's goroutine takes all of it together, runs
// it in one transaction and acknowledges after the commit.
type writer struct {
	db      *DB
	turn    chan struct{} // holds one element while somebody writes
	queue   chan *request
	chores  chan func(context.Context) // what only the writer can do, while nobody waits
	closing chan struct{}
	ended   chan struct{}

	// Only who has the turn touches what follows.

	conn   bun.Conn
	stmts  map[string]*sql.Stmt
	known  known    // the database as of the last commit this process knows
	tx     pending  // what the running transaction adds
	failed *failure // of conn
	broken bool     // the connection must be made anew
	relink bool     // the running closure may change the table actor
}

// A request is a closure on its way through the writer.
type request struct {
	run   func(*Tx) error
	alone bool       // large: in a transaction of its own
	done  chan error // buffered: the writer never waits for a caller
	stage atomic.Int32
}

// The stages of a request: a caller that gives up may do so only while it waits.
const (
	waiting int32 = iota
	taken
	abandoned
)

var errClosed = fault.New(fault.Unavailable, "The log is being closed. Nothing of this was stored.")

func newWriter(ctx context.Context, db *DB, conn bun.Conn) (*writer, error) {
	w := &writer{
		db: db, conn: conn, stmts: map[string]*sql.Stmt{},
		turn:    make(chan struct{}, 1),
		queue:   make(chan *request, groupMost),
		chores:  make(chan func(context.Context), 2),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
	}
	w.known.dicts = newDicts()
	if err := w.attend(); err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	err := w.refresh(ctx)
	_ = w.exec(ctx, rollbackQuery) // nothing was written; fails only if SQLite did it already
	if err != nil {
		return nil, errors.Join(err, w.closeStatements())
	}
	return w, nil
}

// Write runs fn, one such function after the other, in a savepoint inside a
// transaction that it may share with others, and returns when that is durable. If fn fails or panics,
// nothing of it stays, and the others go on. Fn must not call Write or Append, nor
// keep its Tx. A context that ends while fn waits takes it out of the queue; once fn
// runs, it runs to the end. Cost: one fsync for all that wait together.
// Errors: fn's own; unavailable (closed, full disk, locked, rolled back, cancelled).
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.writer.submit(ctx, fn, false)
}

func (w *writer) submit(ctx context.Context, fn func(*Tx) error, alone bool) error {
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	r := &request{run: fn, alone: alone, done: make(chan error, 1)}
	if w.isClosing() {
		return errClosed
	}
	if len(w.queue) == 0 {
		select {
		case w.turn <- struct{}{}:
			w.group([]*request{r})
			<-w.turn
			return <-r.done
		default:
		}
	}
	select {
	case w.queue <- r:
	case <-w.closing:
		return errClosed
	case <-ctx.Done():
		return translate(ctx.Err())
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.stage.CompareAndSwap(waiting, abandoned) {
			return translate(ctx.Err())
		}
	case <-w.ended:
		select {
		case err := <-r.done:
			return err
		default:
			return errClosed // queued after the last round
		}
	}
	return <-r.done
}

// close lets what is queued finish and refuses the rest. Afterwards it has the turn
// for ever.
func (w *writer) close() {
	close(w.closing)
	<-w.ended
	w.turn <- struct{}{}
}

func (w *writer) loop() {
	defer close(w.ended)
	for {
		select {
		case r := <-w.queue:
			w.round(r)
		case chore := <-w.chores:
			w.turn <- struct{}{}
			chore(context.Background())
			<-w.turn
		case <-w.closing:
			for {
				select {
				case r := <-w.queue:
					w.round(r)
				default:
					return
				}
			}
		}
	}
}

// round waits for the turn and writes what has been queued by then.
func (w *writer) round(first *request) {
	w.turn <- struct{}{}
	w.group(w.collect(first))
	<-w.turn
}

// collect adds what waits already to the first request. A large one goes alone,
// after those that came before it.
func (w *writer) collect(first *request) []*request {
	group := make([]*request, 0, 8)
	for next := first; ; {
		if next.stage.CompareAndSwap(waiting, taken) {
			if next.alone && len(group) > 0 {
				w.group(group)
				group = group[:0]
			}
			group = append(group, next)
			if next.alone || len(group) == groupMost {
				return group
			}
		}
		select {
		case next = <-w.queue:
		default:
			return group
		}
	}
}

// ask has the writer do a chore soon. If as many wait already it is left out: chores
// are asked for again.
func (w *writer) ask(chore func(context.Context)) {
	select {
	case w.chores <- chore:
	default:
	}
}

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
	if err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return false, err
	}
	if err := w.refresh(ctx); err != nil {
		return false, err
	}
	if err := w.db.state.refusal(); err != nil {
		return false, err
	}
	w.begin()
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
	if err := w.exec(ctx, "COMMIT"); err != nil {
		return false, err
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

// reconnect makes the connection anew after an I/O error: what it remembers of the
// file cannot be trusted.
func (w *writer) reconnect(ctx context.Context) error {
	if !w.broken {
		return nil
	}
	for _, s := range w.stmts {
		s.Close() // the connection goes anyway
	}
	clear(w.stmts)
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // takes it out of the pool
	w.conn.Close()
	conn, err := w.db.bunWrite.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn, w.broken, w.known.stale = conn, false, true
	return w.attend()
}

// release gives the connection back. The statements go first: those of a single
// connection are not kept track of by database/sql, and one that is left keeps the
// file open.
func (w *writer) release() error {
	return errors.Join(w.closeStatements(), w.conn.Close())
}

func (w *writer) closeStatements() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	clear(w.stmts)
	return errors.Join(errs...)
}

// attend finds where the connection notes its failures.
func (w *writer) attend() error {
	return w.conn.Raw(func(c any) error {
		steady, ok := c.(steadyConn)
		if !ok {
			return fmt.Errorf("sqlite: %T is not the writer's connection", c)
		}
		w.failed = steady.failed
		return nil
	})
}

// stmt returns the prepared statement of a query.
func (w *writer) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", query, err)
	}
	w.stmts[query] = s
	return s, nil
}

// exec runs a prepared statement with bound parameters.
func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return err
	}
	if _, err := s.ExecContext(ctx, args...); err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	return nil
}

// insert runs a prepared INSERT and returns the new rowid.
func (w *writer) insert(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", query, err)
	}
	return r.LastInsertId()
}

// find reads one row of a prepared query; found is false if there is none.
func (w *writer) find(ctx context.Context, query string, args []any, into ...any) (found bool, err error) {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", query, err)
	}
	return true, nil
}
