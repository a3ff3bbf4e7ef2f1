package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	modernc "modernc.org/sqlite"
)

// busyMillis is how long a statement waits for another process's lock.
const busyMillis = 10_000

// A kind says what a connection is for, which decides a few of its settings.
type kind int

const (
	forWriting     kind = iota // the writer's one connection: never interrupted, no checkpoints of its own
	forCreating                // the same, to a file that holds nothing yet
	forReading                 // the pool behind DB.Read: refuses to write
	forMaintenance             // checkpoints, backups, watching
	forProbing                 // looks at a file that may not be ours and changes nothing
	forUndoing                 // the same, and undoes what a killed process left half done
)

// A setting is a PRAGMA as it is set and as it reads back.
type setting struct {
	name string
	set  string // "" where it is only read back
	want string
}

// settings lists what each connection of a kind is set to and checked for. The order
// does not matter: the driver runs busy_timeout first, since the others may meet a
// lock, then by name, so auto_vacuum before the switch to WAL, after which it would
// come too late.
func (k kind) settings() []setting {
	if k == forProbing || k == forUndoing {
		return []setting{{"busy_timeout", strconv.Itoa(busyMillis), strconv.Itoa(busyMillis)}}
	}
	on := func(name string) setting { return setting{name, "1", "1"} }
	vacuum := setting{"auto_vacuum", "", "2"}
	if k == forCreating { // setting it writes, also where it is set: opening must not wait for a lock or for room
		vacuum.set = "INCREMENTAL"
	}
	list := []setting{
		{"busy_timeout", strconv.Itoa(busyMillis), strconv.Itoa(busyMillis)},
		vacuum,
		{"journal_mode", "WAL", "wal"},
		{"synchronous", "FULL", "2"}, // NORMAL loses acknowledged entries with the power
		on("foreign_keys"), on("recursive_triggers"), on("cell_size_check"), on("secure_delete"),
		on("fullfsync"), on("checkpoint_fullfsync"),
		{"trusted_schema", "0", "0"},
		{"wal_autocheckpoint", "0", "0"}, // explicit ones, see checkpoint.go
		{"journal_size_limit", "67108864", "67108864"},
		{"encoding", "", "UTF-8"},
	}
	switch k {
	case forWriting, forCreating: // pages of a large import are written once, not each time they fill
		list = append(list, setting{"cache_size", "-32768", "-32768"}, setting{"temp_store", "MEMORY", "2"})
	case forReading:
		list = append(list, on("query_only"))
	}
	return list
}

// dsn returns the data source name. It is always a file: URI, since only those
// honour parameters of SQLite's own.
func (k kind) dsn(path string) string {
	q := url.Values{}
	if k == forProbing {
		q.Set("mode", "ro")
	} else {
		q.Set("mode", "rw") // never a new file in place of a missing one
		q.Set("_txlock", "immediate")
	}
	q.Set("_defensive", "1")
	q.Set("_dqs", "0")
	for _, s := range k.settings() {
		if s.set != "" {
			q.Add("_pragma", s.name+"("+s.set+")")
		}
	}
	u := filepath.ToSlash(path)
	if !strings.HasPrefix(u, "/") {
		u = "/" + u // C:/… on Windows
	}
	return (&url.URL{Scheme: "file", Path: u, RawQuery: q.Encode(), OmitHost: true}).String()
}

// open returns a pool of connections of the kind, each of which is checked when it
// is made. Nothing is opened yet.
func (k kind) open(path string, most int) (*sql.DB, error) { return k.openUnless(nil, path, most) }

// openUnless is open. Where a connection cannot be made, it fails with what missing says.
func (k kind) openUnless(missing func() error, path string, most int) (*sql.DB, error) {
	inner, err := modernc.NewConnector(k.dsn(path))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	pool := sql.OpenDB(&connector{inner: inner, kind: k, missing: missing})
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	return pool, nil
}

// A connector makes connections and reads every setting back before it lets one go.
type connector struct {
	inner   driver.Connector
	kind    kind
	missing func() error
}

func (c *connector) Driver() driver.Driver { return c.inner.Driver() }

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.connect(ctx)
	if err != nil && c.missing != nil {
		if gone := c.missing(); gone != nil {
			return nil, gone
		}
	}
	return conn, err
}

func (c *connector) connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		conn.Close()
		return nil, fmt.Errorf("sqlite: the driver's connection lacks what this program needs")
	}
	for _, s := range c.kind.settings() {
		if err := s.check(ctx, full); err != nil {
			conn.Close()
			return nil, err
		}
	}
	switch c.kind {
	case forWriting, forCreating:
		return steadyConn{full, &failure{}}, nil
	case forReading:
		if err := c.listWords(ctx, full); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// listWords gives a connection the table with which the words of the index can be
// listed. It keeps nothing.
func (c *connector) listWords(ctx context.Context, conn fullConn) error {
	return execute(ctx, conn, "PRAGMA query_only = 0; CREATE VIRTUAL TABLE temp.word_places USING fts5vocab(main, words, instance); PRAGMA query_only = 1")
}

func (s setting) check(ctx context.Context, conn driver.QueryerContext) error {
	got, err := queryOne(ctx, conn, "PRAGMA "+s.name)
	if err != nil {
		return fmt.Errorf("sqlite: read PRAGMA %s back: %w", s.name, err)
	}
	if got != s.want {
		return fmt.Errorf("sqlite: PRAGMA %s is %q, not %q", s.name, got, s.want)
	}
	return nil
}

func queryOne(ctx context.Context, conn driver.QueryerContext, query string) (string, error) {
	rows, err := conn.QueryContext(ctx, query, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(values); errors.Is(err, io.EOF) || len(values) == 0 {
		return "", nil
	} else if err != nil {
		return "", err
	}
	return fmt.Sprint(values[0]), nil
}

// fullConn is what the driver's connection can do.
type fullConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Validator
	driver.SessionResetter
}
