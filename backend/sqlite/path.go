package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"activitylog/backend/fault"
)

// prepareFile sees to it that there is a plain file of ours, or an empty one, at the
// path, and that SQLite may keep its companions beside it. It never opens an
// existing database with anything but SQLite: closing such a descriptor would drop
// the locks that this process holds on the file.
func prepareFile(path string, create bool) error {
	dir := filepath.Dir(path)
	if create {
		if err := prepareDir(dir); err != nil {
			return err
		}
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return fault.New(fault.NotFound, "There is no log at %s. Run \"activitylog init\", or name another directory with --data.", path)
		}
		err = createFile(path)
		if err == nil {
			info, err = os.Lstat(path)
		}
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "%s cannot be used: see to the permissions of the directory.", path)
	}
	if !info.Mode().IsRegular() {
		return fault.New(fault.Unavailable, "%s is not a plain file (a link or something else). Name the real file's directory with --data.", path)
	}
	if n := linkCount(info); n > 1 {
		return fault.New(fault.Unavailable, "%s has %d hard links. Two names for one database damage it; remove the others.", path, n)
	}
	if name := networkFS(dir); name != "" {
		return fault.New(fault.Unavailable, "%s lies on a network file system (%s), where a database is not safe. Use a local disk.", dir, name)
	}
	return checkWritable(dir)
}

// prepareDir makes the data directory, for its owner only. An existing empty one
// becomes so; one with something in it is left as it is.
func prepareDir(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.MkdirAll(dir, 0o700)
	case err == nil && len(entries) == 0:
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The data directory %s cannot be used. Check its permissions, or name another with --data.", dir)
	}
	return nil
}

// createFile makes an empty database file for its owner only; SQLite gives its
// companions the same mode. Somebody else having made it meanwhile is fine.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close() // nobody holds a lock on a file that was not there
}

func checkWritable(dir string) error {
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "The data directory %s is read-only for this account. Change its permissions, or name another with --data.", dir)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// applicationID marks our files in SQLite's header ("ACLG").
const applicationID = 0x41434c47

// probe looks at the file without changing it and returns its schema version, 0 for
// an empty one. Only where a process was killed while it made the log, before the
// file was in WAL mode, is that undone first, as any program with SQLite would.
// Errors: unavailable, when it is not a database of this program or of a newer
// version.
func probe(ctx context.Context, path string, newest int) (version int, err error) {
	version, err = forProbing.probe(ctx, path, newest)
	if extendedCode(err) == codeReadOnlyRollback {
		return forUndoing.probe(ctx, path, newest)
	}
	return version, err
}

// errNewer is the cause where a file is this program's, but of a version to come.
var errNewer = errors.New("newer schema")

func (k kind) probe(ctx context.Context, path string, newest int) (version int, err error) {
	pool, err := k.open(path, 1)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	var app, objects int
	for _, q := range []struct {
		query string
		into  *int
	}{
		{"PRAGMA application_id", &app},
		{"PRAGMA user_version", &version},
		{"SELECT count(*) FROM sqlite_schema", &objects},
	} {
		if err := pool.QueryRowContext(ctx, q.query).Scan(q.into); err != nil {
			if resultCode(err) == codeNotADB {
				return 0, fault.Wrap(err, fault.Unavailable, "%s is not a database. Put a backup in its place, or name another directory with --data.", path)
			}
			return 0, translate(fmt.Errorf("look at %s: %w", path, err))
		}
	}
	switch {
	case app == 0 && version == 0 && objects == 0:
		return 0, nil
	case app != applicationID:
		return 0, fault.New(fault.Unavailable, "%s is another program's database. Name another directory with --data.", path)
	case version > newest:
		return 0, fault.Wrap(errNewer, fault.Unavailable, "%s was written by a newer version of this program (schema %d, this one knows %d). Install the newer version.", path, version, newest)
	}
	return version, nil
}

// oldestSQLite is the first SQLite without the known faults that lose or damage
// data in a WAL database used by several processes.
var oldestSQLite = [3]int{3, 53, 4}

func checkSQLite(ctx context.Context, pool *sql.DB) error {
	var text string
	if err := pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&text); err != nil {
		return translate(err)
	}
	return checkVersion(text)
}

func checkVersion(text string) error {
	var v [3]int
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &v[0], &v[1], &v[2]); err != nil {
		return fmt.Errorf("sqlite: version %q: %w", text, err)
	}
	for i, least := range oldestSQLite {
		if v[i] > least {
			return nil
		}
		if v[i] < least {
			return fault.New(fault.Internal, "This program was built with SQLite %s, which can damage a log. It needs %d.%d.%d or newer.",
				text, oldestSQLite[0], oldestSQLite[1], oldestSQLite[2])
		}
	}
	return nil
}
