package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Whoever meets another's lock can tell it from what trying again does not help.
func TestBusyCanBeTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	open := func() *sql.Conn {
		pool, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = errors.Join(conn.Close(), pool.Close()) })
		return conn
	}
	holder, other := open(), open()
	if _, err := holder.ExecContext(t.Context(), "CREATE TABLE t (x); BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	if err = translate(err); !errors.Is(err, activity.ErrBusy) || fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("locked: %v", err)
	}
	_, err = other.ExecContext(t.Context(), "SELECT * FROM nothing")
	if err = translate(err); err == nil || errors.Is(err, activity.ErrBusy) {
		t.Errorf("no such table: %v", err)
	}
}

// A log opens, and is read, while another process writes for long.
func TestALogOpensWhileOthersWrite(t *testing.T) {
	o := testOptions(t.TempDir())
	openTest(t, o)
	holder, err := sql.Open("sqlite", o.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	holder.SetMaxOpenConns(1)
	if _, err := holder.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for _, k := range []kind{forReading, forMaintenance} {
		pool, err := k.open(o.Path, 1)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM entry").Scan(&n); err != nil {
			t.Errorf("kind %d: %v", k, err)
		}
		pool.Close()
	}
	again, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s := again.State(); s.Size != 0 {
		t.Errorf("size %d", s.Size)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
