package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// A steadyConn is the writer's. It runs each statement to its end: SQLite rolls back
// the whole transaction when a statement that writes is interrupted, and in a group
// commit that is everybody's, so a caller's deadline must not do it. And after a
// failure that may have rolled the transaction back it refuses all but ROLLBACK: what
// a closure went on to write would else be stored at once, by itself.
type steadyConn struct {
	fullConn
	failed *failure
}

// A failure is the first error after which the transaction may be gone.
type failure struct{ err error }

// transactionEnds lists the result codes after which SQLite may have rolled back by
// itself: see sqlite.org/lang_transaction.html, "response to errors".
var transactionEnds = map[int]bool{codeFull: true, codeIO: true, codeNoMemory: true, codeBusy: true, codeInterrupt: true, codeCorrupt: true}

const rollbackQuery = "ROLLBACK"

// check returns what failed before, unless the statement is the one that ends it.
func (f *failure) check(query string) error {
	if f.err != nil && query != rollbackQuery {
		return fmt.Errorf("after a failure: %w", f.err)
	}
	return nil
}

func (f *failure) note(err error) {
	if f.err == nil && transactionEnds[resultCode(err)] {
		f.err = err
	}
}

func (c steadyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.failed.check(query); err != nil {
		return nil, err
	}
	r, err := c.fullConn.ExecContext(context.WithoutCancel(ctx), query, args)
	c.failed.note(err)
	return r, err
}

func (c steadyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.failed.check(query); err != nil {
		return nil, err
	}
	r, err := c.fullConn.QueryContext(context.WithoutCancel(ctx), query, args)
	c.failed.note(err)
	return r, err
}

func (c steadyConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.fullConn.PrepareContext(context.WithoutCancel(ctx), query)
	if err != nil {
		c.failed.note(err)
		return nil, err
	}
	full, ok := stmt.(fullStmt)
	if !ok {
		stmt.Close()
		return nil, fmt.Errorf("sqlite: the driver's statement lacks what this program needs")
	}
	return steadyStmt{full, query, c.failed}, nil
}

type fullStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type steadyStmt struct {
	fullStmt
	query  string
	failed *failure
}

func (s steadyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.failed.check(s.query); err != nil {
		return nil, err
	}
	r, err := s.fullStmt.ExecContext(context.WithoutCancel(ctx), args)
	s.failed.note(err)
	return r, err
}

func (s steadyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.failed.check(s.query); err != nil {
		return nil, err
	}
	r, err := s.fullStmt.QueryContext(context.WithoutCancel(ctx), args)
	s.failed.note(err)
	return r, err
}
