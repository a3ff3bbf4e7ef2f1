package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/catalog"
)

// pluginRow is a row of the table plugin.
type pluginRow struct {
	bun.BaseModel `bun:"table:plugin"`

	Name     string         `bun:"name,pk"`
	Version  string         `bun:"version"`
	State    string         `bun:"state"`
	Manifest sql.NullString `bun:"manifest"`
	Revision int64          `bun:"revision"`
}

// pluginTypeRow is a row of the table plugin_type.
type pluginTypeRow struct {
	bun.BaseModel `bun:"table:plugin_type"`

	ID         string         `bun:"id,pk"`
	Plugin     string         `bun:"plugin"`
	Definition string         `bun:"definition"`
	Category   sql.NullString `bun:"category"` // JSON
	Current    bool           `bun:"current"`
}

// PluginRevision returns a number that is another one after each change of a plugin.
func (db *DB) PluginRevision(ctx context.Context) (revision int64, err error) {
	err = db.Read().NewSelect().Model((*pluginRow)(nil)).ColumnExpr("coalesce(max(revision), 0)").Scan(ctx, &revision)
	return revision, translate(err)
}

// Plugins returns what is kept of plugins, by name, and its revision.
func (db *DB) Plugins(ctx context.Context) ([]catalog.Stored, int64, error) {
	return readPlugins(ctx, db.Read())
}

func readPlugins(ctx context.Context, from bun.IDB) (kept []catalog.Stored, revision int64, err error) {
	var rows []pluginRow
	if err := from.NewSelect().Model(&rows).Column("name", "version", "state", "manifest", "revision").Order("name").Scan(ctx); err != nil {
		return nil, 0, translate(err)
	}
	var types []pluginTypeRow
	if err := from.NewSelect().Model(&types).Order("id").Scan(ctx); err != nil {
		return nil, 0, translate(err)
	}
	of := map[string][]catalog.StoredType{}
	for _, t := range types {
		one := catalog.StoredType{ID: t.ID, Definition: []byte(t.Definition), Current: t.Current}
		if t.Category.Valid {
			one.Category = &catalog.Category{}
			if err := json.Unmarshal([]byte(t.Category.String), one.Category); err != nil {
				return nil, 0, fmt.Errorf("the category of the type %s: %w", t.ID, err)
			}
		}
		of[t.Plugin] = append(of[t.Plugin], one)
	}
	for _, row := range rows {
		one := catalog.Stored{Name: row.Name, Version: row.Version, State: row.State, Types: of[row.Name]}
		if row.Manifest.Valid {
			one.Manifest = []byte(row.Manifest.String)
		}
		kept, revision = append(kept, one), max(revision, row.Revision)
	}
	return kept, revision, nil
}

// ChangePlugin keeps what change makes of all that is kept, with the activity that says
// so in the same commit. Without an activity nothing changes.
func (db *DB) ChangePlugin(ctx context.Context, at int64, change func(kept []catalog.Stored) (*catalog.Stored, *activity.Body, error)) error {
	return db.Write(ctx, func(tx *Tx) error {
		kept, revision, err := readPlugins(ctx, tx.Bun())
		if err != nil {
			return err
		}
		next, said, err := change(kept)
		if err != nil || said == nil {
			return err
		}
		var manifest any
		if next.Manifest != nil {
			manifest = string(next.Manifest)
		}
		err = tx.w.exec(ctx, `INSERT INTO plugin (name, version, state, manifest, revision, changed_at) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET version = excluded.version, state = excluded.state, manifest = excluded.manifest,
			revision = excluded.revision, changed_at = excluded.changed_at`,
			next.Name, next.Version, next.State, manifest, revision+1, at)
		for _, t := range next.Types {
			err = errors.Join(err, tx.keepType(ctx, next.Name, t))
		}
		if err == nil {
			_, err = tx.Record(ctx, *said)
		}
		return err
	})
}

func (tx *Tx) keepType(ctx context.Context, plugin string, t catalog.StoredType) error {
	var category any
	if t.Category != nil {
		text, err := json.Marshal(t.Category)
		if err != nil {
			return err
		}
		category = string(text)
	}
	return tx.w.exec(ctx, `INSERT INTO plugin_type (id, plugin, definition, category, current) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET plugin = excluded.plugin, definition = excluded.definition, category = excluded.category, current = excluded.current`,
		t.ID, plugin, string(t.Definition), category, t.Current)
}

// Component returns the version of a part of the program that ran last; "" is none.
func (db *DB) Component(ctx context.Context, name string) (version string, err error) {
	err = db.Read().NewSelect().Table("component").Column("version").Where("name = ?", name).Scan(ctx, &version)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return version, translate(err)
}

// ChangeComponent notes a version, with what say makes of the one before in the same
// commit. Where another process noted it meanwhile nothing happens.
func (db *DB) ChangeComponent(ctx context.Context, name, version string, at int64, say func(before string) *activity.Body) error {
	return db.Write(ctx, func(tx *Tx) error {
		var before string
		if _, err := tx.w.find(ctx, "SELECT version FROM component WHERE name = ?", []any{name}, &before); err != nil || before == version {
			return err
		}
		err := tx.w.exec(ctx, `INSERT INTO component (name, version, at) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET version = excluded.version, at = excluded.at`, name, version, at)
		if said := say(before); said != nil && err == nil {
			_, err = tx.Record(ctx, *said)
		}
		return err
	})
}
