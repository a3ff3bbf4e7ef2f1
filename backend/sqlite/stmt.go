package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

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
	return errors.Join(w.closeStatements(), w.conn.Close(), w.gate.Close())
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

// each calls fn with every row of a prepared query. Fn must run no other query.
func (w *writer) each(ctx context.Context, query string, args []any, fn func(scan func(...any) error) error) error {
	s, err := w.stmt(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", query, err)
		}
	}
	return rows.Err()
}
