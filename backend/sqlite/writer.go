package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"activitylog/backend/fault"
	"activitylog/backend/ledger"
)

// groupMost is how many closures share a commit at most. More would make the first
// wait longer than it gains the last.
const groupMost = 256

// ownMost of those places are kept for what the program records of itself and what it
// changes with that: sign-ins, failed ones, users, tokens, settings. However many drafts
// come in, they cannot take these, nor are any of them written before what waits here.
const ownMost = groupMost / 8

// A writer owns the one connection that writes. Whoever has the turn writes: a caller
// that finds nobody writing does it itself, which saves two changes of goroutine; what
// comes meanwhile is queued, and the writer's goroutine takes all of it together, runs
// it in one transaction and acknowledges after the commit.
type writer struct {
	db      *DB
	turn    chan struct{}              // holds one element while somebody writes
	queue   chan *request              // drafts
	own     chan *request              // the program's own: taken before the queue
	chores  chan func(context.Context) // what only the writer can do, while nobody waits
	closing chan struct{}
	ended   chan struct{}

	// Only who has the turn touches what follows.

	gate     *ledger.Gate
	handover time.Duration
	wrote    time.Time // when it last let the lock go

	conn   bun.Conn
	stmts  map[string]*sql.Stmt
	known  known    // the database as of the last commit this process knows
	tx     pending  // what the running transaction adds
	failed *failure // of conn
	broken bool     // the connection must be made anew
	relink bool     // the running closure may change whom an actor is linked to, and sites
}

// A request is a closure on its way through the writer.
type request struct {
	run   func(*Tx) error
	alone bool       // large: in a transaction of its own
	own   bool       // goes before drafts
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
		turn:     make(chan struct{}, 1),
		queue:    make(chan *request, groupMost-ownMost),
		own:      make(chan *request, ownMost),
		chores:   make(chan func(context.Context), 2),
		closing:  make(chan struct{}),
		ended:    make(chan struct{}),
		handover: handover,
	}
	w.known.dicts = newDicts()
	if err := w.attend(); err != nil {
		return nil, err
	}
	var err error
	if w.gate, err = openGate(db.options.StateDir); err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil { // one state, read without waiting for who writes
		return nil, errors.Join(err, w.gate.Close())
	}
	err = w.refresh(ctx)
	_ = w.exec(ctx, rollbackQuery) // nothing was written; fails only if SQLite did it already
	if err != nil {
		return nil, errors.Join(err, w.closeStatements(), w.gate.Close())
	}
	return w, nil
}

// Write runs fn, one such function after the other, in a savepoint inside a
// transaction that it may share with others, and returns when that is durable. If fn fails or panics,
// nothing of it stays, and the others go on. Fn must not call Write or Append, nor
// keep its Tx. A context that ends while fn waits takes it out of the queue; once fn
// runs, it runs to the end. It waits for the commit that runs and at most one more,
// however many drafts wait. Cost: one fsync for all that wait together.
// Errors: fn's own; unavailable (closed, full disk, locked, rolled back, cancelled).
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.writer.submit(ctx, &request{run: fn, own: true})
}

func (w *writer) submit(ctx context.Context, r *request) error {
	if err := ctx.Err(); err != nil {
		return translate(err)
	}
	r.done = make(chan error, 1)
	if w.isClosing() {
		return errClosed
	}
	if !w.awaited() {
		select {
		case w.turn <- struct{}{}:
			w.group([]*request{r})
			<-w.turn
			return <-r.done
		default:
		}
	}
	line := w.queue
	if r.own {
		line = w.own
	}
	select {
	case line <- r:
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
		case r := <-w.own:
			w.round(r)
		case r := <-w.queue:
			w.round(r)
		case chore := <-w.chores:
			w.turn <- struct{}{}
			chore(context.Background())
			<-w.turn
		case <-w.closing:
			for {
				select {
				case r := <-w.own:
					w.round(r)
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

// collect adds what waits already to the first request, the program's own before all
// else. A large one goes alone, after those that came before it.
func (w *writer) collect(first *request) []*request {
	group := make([]*request, 0, 8)
	next := first
	if first.own {
		group, next = first.join(group), nil
	}
	group = w.collectOwn(group)
	for {
		if next != nil && next.alone && len(group) > 0 {
			w.group(group)
			group = group[:0]
		}
		if next != nil {
			group = next.join(group)
			if next.alone || len(group) >= groupMost {
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

func (w *writer) collectOwn(group []*request) []*request {
	for {
		select {
		case r := <-w.own:
			group = r.join(group)
		default:
			return group
		}
	}
}

// join adds the request to a group, unless its caller has given up.
func (r *request) join(group []*request) []*request {
	if r.stage.CompareAndSwap(waiting, taken) {
		return append(group, r)
	}
	return group
}

// ask has the writer do a chore soon. If as many wait already it is left out: chores
// are asked for again.
func (w *writer) ask(chore func(context.Context)) {
	select {
	case w.chores <- chore:
	default:
	}
}
