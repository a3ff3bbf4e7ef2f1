package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"activitylog/backend/fault"
)

func TestSettingsOnEveryConnection(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	for name, k := range map[string]kind{"writing": forWriting, "reading": forReading, "maintenance": forMaintenance} {
		pool, err := k.open(db.options.Path, 3)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pool.Close() })
		for range 3 {
			conn, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			defer conn.Close() // all three are open at once
			for _, s := range k.settings() {
				var got string
				if err := conn.QueryRowContext(t.Context(), "PRAGMA "+s.name).Scan(&got); err != nil || got != s.want {
					t.Errorf("%s: %s is %q, %v; want %q", name, s.name, got, err, s.want)
				}
			}
			if _, err := conn.ExecContext(t.Context(), "PRAGMA writable_schema = 1"); err == nil {
				if _, err := conn.ExecContext(t.Context(), "DELETE FROM sqlite_schema"); err == nil {
					t.Errorf("%s: the schema can be written", name)
				}
			}
			if _, err := conn.QueryContext(t.Context(), `SELECT "no such column"`); err == nil {
				t.Errorf("%s: a column that is not there is a text", name)
			}
		}
	}
}

// A connection that does not read back what it was set to is not let go.
func TestSettingThatDoesNotHoldIsRefused(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	conn, err := db.maintenance.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		return setting{"synchronous", "", "1"}.check(t.Context(), c.(fullConn))
	})
	if err == nil || !strings.Contains(err.Error(), "synchronous") {
		t.Errorf("error %v", err)
	}
}

func TestNewFilesAreTheOwners(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	o := testOptions(dir)
	db := openTest(t, o)
	appendAll(t, db, bodies(0, 1))
	if runtime.GOOS == "windows" {
		t.Skip("Windows keeps permissions otherwise")
	}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		code  fault.Code
		says  string
	}{
		"missing":      {func(*testing.T, string) {}, fault.NotFound, "There is no log"},
		"empty":        {func(t *testing.T, p string) { write(t, p, "") }, fault.NotFound, "is empty"},
		"not database": {func(t *testing.T, p string) { write(t, p, strings.Repeat("no database ", 1000)) }, fault.Unavailable, "not a database"},
		"foreign": {func(t *testing.T, p string) {
			run(t, p, "CREATE TABLE theirs (x)")
		}, fault.Unavailable, "another program's"},
		"foreign with an id": {func(t *testing.T, p string) { run(t, p, "PRAGMA application_id = 7") }, fault.Unavailable, "another program's"},
		"newer": {func(t *testing.T, p string) {
			makeLog(t, p)
			run(t, p, "PRAGMA user_version = 1000")
		}, fault.Unavailable, "newer version"},
		"directory": {func(t *testing.T, p string) {
			if err := os.Mkdir(p, 0o700); err != nil {
				t.Fatal(err)
			}
		}, fault.Unavailable, "not a plain file"},
		"link": {func(t *testing.T, p string) {
			makeLog(t, p+"2")
			if err := os.Symlink(p+"2", p); err != nil {
				t.Skip(err)
			}
		}, fault.Unavailable, "not a plain file"},
		"two names": {func(t *testing.T, p string) {
			makeLog(t, p)
			if err := os.Link(p, p+"2"); err != nil {
				t.Skip(err)
			}
		}, fault.Unavailable, "2 hard links"},
	} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(t.TempDir())
			o.Create = false
			c.spoil(t, o.Path)
			before, _ := os.ReadFile(o.Path)
			db, err := Open(t.Context(), o)
			if err == nil {
				t.Fatal(errors.Join(errors.New("it opened"), db.Close()))
			}
			if fault.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", fault.CodeOf(err), err)
			}
			if after, _ := os.ReadFile(o.Path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("control", func(t *testing.T) {
		o := testOptions(t.TempDir())
		makeLog(t, o.Path)
		o.Create = false
		openTest(t, o)
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, path, statement string) {
	t.Helper()
	conn := otherProgram(t, path)
	if _, err := conn.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// makeLog makes a log at the path and closes it.
func makeLog(t *testing.T, path string) {
	t.Helper()
	o := testOptions(filepath.Dir(path))
	o.Path = path
	db, err := Open(t.Context(), o)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOldSQLiteIsRefused(t *testing.T) {
	for version, good := range map[string]bool{
		"3.53.4": true, "3.54.0": true, "4.0.0": true, "3.53.3": false, "3.52.9": false, "2.99.99": false, "new": false,
	} {
		if err := checkVersion(version); (err == nil) != good {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// A migration that fails leaves the version before, whole.
func TestMigrationIsNeverHalfDone(t *testing.T) {
	db := openTest(t, testOptions(t.TempDir()))
	list, err := migrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	next := migration{version: len(list) + 1, name: "next", script: "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1)"}
	pool, err := forWriting.open(db.options.Path, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	migrateWith := func(m migration, then error) error {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		return migrate(t.Context(), conn, append(list[:len(list):len(list)], m), func(int) error { return then })
	}
	state := func() (int64, int64) {
		return count(t, db, "PRAGMA user_version"), count(t, db, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'")
	}
	if err := migrateWith(next, nil); err == nil {
		t.Fatal("a broken script went through")
	}
	next.script = "CREATE TABLE half (x)"
	if err := migrateWith(next, errors.New("what comes after")); err == nil {
		t.Fatal("a failure after it was lost")
	}
	if v, n := state(); v != int64(len(list)) || n != 0 {
		t.Errorf("version %d, %d tables left", v, n)
	}
	if err := migrateWith(next, nil); err != nil {
		t.Fatal(err)
	}
	if v, n := state(); v != int64(len(list)+1) || n != 1 {
		t.Errorf("version %d, %d tables", v, n)
	}
	if err := migrateWith(next, nil); err != nil {
		t.Errorf("a second time: %v", err)
	}
}

func TestMigrationsAreNumbered(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("SELECT 1")}
	for name, files := range map[string]fstest.MapFS{
		"gap":       {"migrations/0001_a.sql": file, "migrations/0003_b.sql": file},
		"twice":     {"migrations/0001_a.sql": file, "migrations/0001_b.sql": file},
		"no number": {"migrations/a.sql": file},
	} {
		if list, err := migrations(files); err == nil {
			t.Errorf("%s: %v", name, list)
		}
	}
	list, err := migrations(fstest.MapFS{"migrations/0001_a.sql": file, "migrations/0002_b.sql": file})
	if err != nil || len(list) != 2 || list[1].version != 2 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestOpenNeedsAClock(t *testing.T) {
	if _, err := Open(context.Background(), Options{Path: "x"}); fault.CodeOf(err) != fault.Internal {
		t.Error(err)
	}
}
