package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/fault"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// A migration takes the schema from version-1 to version.
type migration struct {
	version int
	name    string
	script  string
}

// migrations returns the numbered scripts in order. Their numbers run from 1
// without a gap.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := make([]migration, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		if n, err := strconv.Atoi(number); err != nil || n != i+1 {
			return nil, fmt.Errorf("sqlite: %s is not migration %d", name, i+1)
		}
		script, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		list[i] = migration{version: i + 1, name: name, script: string(script)}
	}
	return list, nil
}

// migrate brings the file to the newest version, in one transaction: a process that
// is killed meanwhile leaves the version before. Of several processes the first one
// does it and the others find it done. Afterwards run is called in the same
// transaction with the version that was found. Where nothing is to be done it only
// reads, and waits for nobody who writes.
func migrate(ctx context.Context, conn *sql.Conn, list []migration, run func(found int) error) (err error) {
	var found int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	begin := "BEGIN IMMEDIATE"
	if found == len(list) {
		begin = "BEGIN"
	}
	if _, err := conn.ExecContext(ctx, begin); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK") // fails only if SQLite did it already
		}
	}()
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	if found > len(list) {
		return fault.New(fault.Unavailable, "The log was written by a newer version of this program (schema %d, this one knows %d). Install the newer version.", found, len(list))
	}
	for _, m := range list[found:] {
		if _, err := conn.ExecContext(ctx, m.script); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	if found < len(list) {
		marks := fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", len(list), applicationID)
		if _, err := conn.ExecContext(ctx, marks); err != nil {
			return err
		}
	}
	if err := run(found); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}
