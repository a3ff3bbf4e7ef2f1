package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	modernc "modernc.org/sqlite"
)

// Marks of exported files, in SQLite's header: they are no logs ("ACLX").
const (
	exportID      = 0x41434c58
	exportVersion = 1
)

// A Base is an exported file while it is filled. It is written once and given up if
// anything fails, so that it needs neither a journal nor syncing.
type Base struct {
	pool    *sql.DB
	conn    *sql.Conn
	insert  *sql.Stmt
	indexes [][]string
}

// NewBase makes a SQLite file of an empty one: the table activity with these columns,
// which are names and types, its rows in the order in which they are added; the table
// export with what is known of all of them; and the indexes.
func NewBase(ctx context.Context, path string, columns [][2]string, indexes [][]string) (*Base, error) {
	connector, err := modernc.NewConnector(baseDSN(path))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	b := &Base{pool: sql.OpenDB(connector), indexes: indexes}
	if err := b.begin(ctx, columns); err != nil {
		return nil, errors.Join(translate(err), b.Close())
	}
	return b, nil
}

func baseDSN(path string) string {
	q := url.Values{"mode": {"rw"}, "_dqs": {"0"}, "_pragma": {
		"journal_mode(OFF)", "synchronous(OFF)", "locking_mode(EXCLUSIVE)", "cache_size(-8192)",
		fmt.Sprintf("application_id(%d)", exportID), fmt.Sprintf("user_version(%d)", exportVersion),
	}}
	u := filepath.ToSlash(path)
	if !strings.HasPrefix(u, "/") {
		u = "/" + u // C:/… on Windows
	}
	return (&url.URL{Scheme: "file", Path: u, RawQuery: q.Encode(), OmitHost: true}).String()
}

func (b *Base) begin(ctx context.Context, columns [][2]string) error {
	defined, marks := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		defined[i], marks[i] = quoted(c[0])+" "+c[1], "?"
	}
	var err error
	if b.conn, err = b.pool.Conn(ctx); err != nil {
		return err
	}
	for _, text := range []string{
		"CREATE TABLE activity (" + strings.Join(defined, ", ") + ")",
		"CREATE TABLE export (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
		"BEGIN",
	} {
		if _, err := b.conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	b.insert, err = b.conn.PrepareContext(ctx, "INSERT INTO activity VALUES ("+strings.Join(marks, ", ")+")")
	return err
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// Add puts in a row.
func (b *Base) Add(ctx context.Context, cells []any) error {
	_, err := b.insert.ExecContext(ctx, cells...)
	return translate(err)
}

// Finish makes the file complete and closes it.
func (b *Base) Finish(ctx context.Context, about [][2]string) error {
	err := b.finish(ctx, about)
	return errors.Join(translate(err), b.Close())
}

func (b *Base) finish(ctx context.Context, about [][2]string) error {
	for _, fact := range about {
		if _, err := b.conn.ExecContext(ctx, "INSERT INTO export VALUES (?, ?)", fact[0], fact[1]); err != nil {
			return err
		}
	}
	texts := []string{"COMMIT"}
	for _, index := range b.indexes {
		list := make([]string, len(index))
		for i, name := range index {
			list[i] = quoted(name)
		}
		texts = append(texts, "CREATE INDEX "+quoted("activity_"+strings.Join(index, "_"))+" ON activity ("+strings.Join(list, ", ")+")")
	}
	for _, text := range texts {
		if _, err := b.conn.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// Close gives the file up, unless it is closed already.
func (b *Base) Close() error {
	var errs []error
	if b.insert != nil {
		errs = append(errs, b.insert.Close())
	}
	if b.conn != nil {
		errs = append(errs, b.conn.Close())
	}
	errs = append(errs, b.pool.Close())
	b.insert, b.conn = nil, nil
	return errors.Join(errs...)
}
