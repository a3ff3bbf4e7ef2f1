package sqlite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	modernc "modernc.org/sqlite"

	"activitylog/backend/ledger"
)

// schema holds the file's tables, indexes, triggers and views against those that the
// migrations make, and its marks against ours.
func (v *verification) schema(ctx context.Context, s *still) error {
	if v.off["schema"] {
		return nil
	}
	fresh, err := freshSchema()
	if err != nil {
		return err
	}
	want := fresh.parts
	for _, mark := range []struct {
		name string
		want int64
	}{{"application_id", applicationID}, {"user_version", fresh.version}} {
		err := each(ctx, s.tree, func(r *scan) error {
			if have, _ := r.int(0); have != mark.want {
				v.add(ledger.KindSchema, "", mark.name, "The file's %s is %d, not %d.", mark.name, have, mark.want)
			}
			return nil
		}, "PRAGMA "+mark.name)
		if err != nil {
			return err
		}
	}
	have, err := schemaOf(ctx, s.tree)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		text, ok := have[name]
		switch {
		case !ok:
			v.add(ledger.KindSchema, tableOf(name), "", "The %s is missing.", name)
		case text != want[name]:
			v.add(ledger.KindSchema, tableOf(name), "", "The %s was changed.", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, ok := want[name]; !ok && !strings.HasPrefix(name, "table sqlite_stat") {
			v.add(ledger.KindSchema, tableOf(name), "", "The %s is not part of this program.", name)
		}
	}
	return nil
}

// tableOf returns the table in the name of a part of the schema.
func tableOf(name string) string {
	_, table, _ := strings.Cut(name, " of ")
	if table == "" {
		_, table, _ = strings.Cut(name, " ")
	}
	return table
}

// schemaOf returns the text of each part of a schema by what it is, its name and its
// table: "trigger entry_update of entry". The settings of the words index belong to it.
func schemaOf(ctx context.Context, conn fullConn) (map[string]string, error) {
	parts := map[string]string{}
	err := each(ctx, conn, func(s *scan) error {
		name := s.text(0) + " " + s.text(1)
		if s.text(0) != "table" {
			name += " of " + s.text(2)
		}
		parts[name] = string(s.raw(3)) // a blob is parsed too
		return nil
	}, "SELECT type, name, tbl_name, sql FROM sqlite_schema")
	if err != nil {
		return nil, err
	}
	err = each(ctx, conn, func(s *scan) error {
		parts[fmt.Sprintf("setting %s of words", s.raw(0))] = string(s.raw(1))
		return nil
	}, "SELECT k, v FROM words_config")
	return parts, err
}

// A freshLog is what the migrations make.
type freshLog struct {
	parts   map[string]string
	version int64
}

// freshSchema returns the schema that the migrations make. It is made once.
var freshSchema = sync.OnceValues(func() (fresh freshLog, err error) {
	ctx := context.Background()
	list, err := migrations(migrationFiles)
	if err != nil {
		return fresh, err
	}
	conn, err := openMemory(ctx)
	if err != nil {
		return fresh, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	for _, m := range list {
		if err := execute(ctx, conn, m.script); err != nil {
			return fresh, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	fresh.version = int64(len(list))
	fresh.parts, err = schemaOf(ctx, conn)
	return fresh, err
})

// openMemory returns a connection to an empty database in memory.
func openMemory(ctx context.Context) (fullConn, error) {
	connector, err := modernc.NewConnector("file::memory:?_dqs=0")
	if err != nil {
		return nil, err
	}
	conn, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(fullConn)
	if !ok {
		return nil, errors.Join(errNotFull, conn.Close())
	}
	return full, nil
}

var errNotFull = errors.New("sqlite: the driver's connection lacks what this program needs")

// file has SQLite check its own structures: every page, and every index against its
// table. An index that leaves rows out would hide them from a filter. The index of
// words is checked with the words.
func (v *verification) file(ctx context.Context, s *still) error {
	if v.off["file"] {
		return nil
	}
	var tables []string
	err := each(ctx, s.tree, func(r *scan) error {
		tables = append(tables, r.text(0))
		return nil
	}, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")
	if err != nil {
		return err
	}
	for _, table := range tables {
		if err := v.integrity(ctx, s.tree, table); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) integrity(ctx context.Context, conn fullConn, table string) error {
	return each(ctx, conn, func(r *scan) error {
		if text := r.text(0); text != "ok" {
			v.add(ledger.KindFile, table, "", "SQLite says of %s: %s.", table, text)
		}
		return nil
	}, "PRAGMA integrity_check("+quoteName(table)+")")
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
