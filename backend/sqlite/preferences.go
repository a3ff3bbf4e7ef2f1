package sqlite

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"
)

// preferenceRow is a row of the table preference.
type preferenceRow struct {
	bun.BaseModel `bun:"table:preference"`

	User  int64  `bun:"user,pk"`
	Name  string `bun:"name,pk"`
	Value string `bun:"value"` // JSON
}

// Stored reads a user's preferences, those that were ever set.
func (v accountView) Stored(ctx context.Context, user int64) (map[string]json.RawMessage, error) {
	var rows []preferenceRow
	if err := v.db.NewSelect().Model(&rows).Where("user = ?", user).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	stored := map[string]json.RawMessage{}
	for _, row := range rows {
		stored[row.Name] = json.RawMessage(row.Value)
	}
	return stored, nil
}

// SetPreference stores one.
func (t accountTx) SetPreference(ctx context.Context, user int64, name string, value json.RawMessage) error {
	_, err := t.db.NewInsert().Model(&preferenceRow{User: user, Name: name, Value: string(value)}).
		On("CONFLICT (user, name) DO UPDATE").Set("value = excluded.value").Exec(ctx)
	return translate(err)
}
