package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"

	modernc "modernc.org/sqlite"
)

// none stands for NULL where a column holds an id.
const none = math.MinInt64

// A scan steps through the rows of a statement at the level of the driver, which
// costs half of what database/sql does and tells the type of each value: a cell that
// somebody edited may hold any.
type scan struct {
	ctx  context.Context
	rows driver.Rows
	v    []driver.Value
	n    int
}

// checkEvery is how many rows a scan reads between two looks at its context.
const checkEvery = 1024

// query starts a scan on a connection, on which several may run by turns.
func query(ctx context.Context, conn fullConn, text string, args ...int64) (*scan, error) {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	// Without a cancellable context the driver takes its short way for each row. Where
	// one row takes long it must be possible to interrupt it.
	inner := context.WithoutCancel(ctx)
	if strings.HasPrefix(text, "PRAGMA integrity_check") {
		inner = ctx
	}
	rows, err := conn.QueryContext(inner, text, named)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	return &scan{ctx: ctx, rows: rows, v: make([]driver.Value, len(rows.Columns()))}, nil
}

// next takes the next row; false at the end.
func (s *scan) next() (bool, error) {
	if s.n++; s.n%checkEvery == 0 && s.ctx.Err() != nil {
		return false, s.ctx.Err()
	}
	err := s.rows.Next(s.v)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

func (s *scan) close() error { return s.rows.Close() }

// int returns column i as an integer, NULL as none; false for anything else.
func (s *scan) int(i int) (int64, bool) {
	switch v := s.v[i].(type) {
	case int64:
		return v, true
	case nil:
		return none, true
	}
	return none, false
}

// bytes returns column i as a blob, or nil.
func (s *scan) bytes(i int) []byte {
	b, _ := s.v[i].([]byte)
	return b
}

// raw returns the bytes of column i, be it a blob or text; nil for NULL.
func (s *scan) raw(i int) []byte {
	switch v := s.v[i].(type) {
	case []byte:
		if v == nil {
			return []byte{}
		}
		return v
	case string:
		return append([]byte{}, v...)
	case nil:
		return nil
	default:
		return fmt.Appendf(nil, "%v", v)
	}
}

// text returns column i as text, or "".
func (s *scan) text(i int) string {
	t, _ := s.v[i].(string)
	return t
}

// each calls f for every row of a query.
func each(ctx context.Context, conn fullConn, f func(*scan) error, text string, args ...int64) (err error) {
	s, err := query(ctx, conn, text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for {
		more, err := s.next()
		if err != nil || !more {
			return err
		}
		if err := f(s); err != nil {
			return err
		}
	}
}

// execute runs statements that answer nothing.
func execute(ctx context.Context, conn fullConn, text string) error {
	if _, err := conn.ExecContext(ctx, text, nil); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}

// executeWith runs one statement with parameters.
func executeWith(ctx context.Context, conn fullConn, text string, args ...driver.Value) error {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	if _, err := conn.ExecContext(ctx, text, named); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	return nil
}

// A still is the log at one moment, seen through two connections, so that two
// goroutines can read it. While it is open writers go on, but the WAL cannot start
// over and grows.
type still struct {
	rows, tree fullConn
}

// openStill opens the database read-only. It needs neither key nor writer.
func openStill(ctx context.Context, path string) (_ *still, err error) {
	connector, err := modernc.NewConnector(forProbing.dsn(path))
	if err != nil {
		return nil, err
	}
	s := &still{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	for _, c := range []*fullConn{&s.rows, &s.tree} {
		conn, err := connector.Connect(ctx)
		if err != nil {
			return nil, err
		}
		full, ok := conn.(fullConn)
		if !ok {
			return nil, errors.Join(errNotFull, conn.Close())
		}
		*c = full
		if err := execute(ctx, full, "PRAGMA cell_size_check = 1; PRAGMA trusted_schema = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384"); err != nil {
			return nil, err
		}
	}
	return s, s.begin(ctx)
}

// begin makes both connections see the same commit.
func (s *still) begin(ctx context.Context) error {
	for ctx.Err() == nil {
		var seen [2]string
		for i, c := range []fullConn{s.rows, s.tree} {
			err := execute(ctx, c, "BEGIN")
			if err == nil {
				seen[i], err = momentOf(ctx, c)
			}
			if resultCode(err) == codeError {
				seen[i] = err.Error() // a table is gone, which is a finding
			} else if err != nil {
				return err
			}
		}
		if seen[0] == seen[1] {
			return nil
		}
		if err := s.end(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// momentOf tells commits apart: nothing that matters to a verification is committed
// without an activity or a count.
func momentOf(ctx context.Context, conn fullConn) (seen string, err error) {
	err = each(ctx, conn, func(r *scan) error {
		seen += fmt.Sprintln(r.v)
		return nil
	}, "SELECT size, hex(root), note, counted FROM head UNION ALL SELECT max(size), count(*), '', 0 FROM checkpoint")
	return seen, err
}

func (s *still) end(ctx context.Context) error {
	return errors.Join(execute(ctx, s.rows, "ROLLBACK"), execute(ctx, s.tree, "ROLLBACK"))
}

func (s *still) close() error {
	var errs []error
	for _, c := range []fullConn{s.rows, s.tree} {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
