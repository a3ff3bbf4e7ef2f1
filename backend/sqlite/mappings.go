package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// mappingRow is a row of the table mapping.
type mappingRow struct {
	bun.BaseModel `bun:"table:mapping,alias:m"`

	Name    string `bun:"name,pk"`
	Mapping string `bun:"mapping"` // JSON
	SavedAt int64  `bun:"saved_at"`
}

// Mappings calls each with every saved mapping (JSON), by name, and when it was saved (ms).
func (db *DB) Mappings(ctx context.Context, each func(name string, mapping []byte, savedAt int64) error) error {
	var rows []mappingRow
	if err := db.Read().NewSelect().Model(&rows).Order("name").Scan(ctx); err != nil {
		return translate(err)
	}
	for _, row := range rows {
		if err := each(row.Name, []byte(row.Mapping), row.SavedAt); err != nil {
			return err
		}
	}
	return nil
}

// ChangeMapping puts what change makes of the mapping of a name in its place, with the
// activity that says so in the same commit. Old is nil where there is none, n how many
// there are. A nil mapping is removed; without an activity nothing changes.
func (db *DB) ChangeMapping(ctx context.Context, name string, at int64, change func(old []byte, oldAt int64, n int) ([]byte, *activity.Body, error)) error {
	return db.Write(ctx, func(tx *Tx) error {
		var n int
		if _, err := tx.w.find(ctx, "SELECT count(*) FROM mapping", nil, &n); err != nil {
			return err
		}
		var old []byte
		var oldAt int64
		if _, err := tx.w.find(ctx, "SELECT CAST(mapping AS BLOB), saved_at FROM mapping WHERE name = ?", []any{name}, &old, &oldAt); err != nil {
			return err
		}
		mapping, said, err := change(old, oldAt, n)
		if err != nil || said == nil {
			return err
		}
		if mapping == nil {
			err = tx.w.exec(ctx, "DELETE FROM mapping WHERE name = ?", name)
		} else {
			err = tx.w.exec(ctx, `INSERT INTO mapping (name, mapping, saved_at) VALUES (?, ?, ?)
				ON CONFLICT (name) DO UPDATE SET mapping = excluded.mapping, saved_at = excluded.saved_at`, name, string(mapping), at)
		}
		if err == nil {
			_, err = tx.Record(ctx, *said)
		}
		return err
	})
}
