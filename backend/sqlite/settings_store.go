package sqlite

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/settings"
)

// Settings keeps the system settings. It implements settings.Store.
type Settings struct {
	db *DB
	settingView
}

// NewSettings returns the settings of a log.
func NewSettings(db *DB) *Settings { return &Settings{db: db, settingView: settingView{db.Read()}} }

// Update runs change in a transaction of the writer.
func (s *Settings) Update(ctx context.Context, change func(settings.Tx) error) error {
	return s.db.Write(ctx, func(tx *Tx) error { return change(settingTx{settingView{tx.Bun()}, tx}) })
}

// privacy reads what is left out of what is recorded now. A value of another kind counts
// as not set.
func (w *writer) privacy(ctx context.Context) (activity.Privacy, error) {
	var p activity.Privacy
	var bytes, track *string
	_, err := w.find(ctx, "SELECT (SELECT value FROM setting WHERE name = 'ipMask'), (SELECT value FROM setting WHERE name = 'doNotTrack')",
		nil, &bytes, &track)
	if err != nil {
		return p, err
	}
	if bytes != nil {
		n, err := strconv.Atoi(*bytes)
		if err == nil && n >= 0 && n <= activity.MostMasked {
			p.MaskBytes = n
		}
	}
	p.DoNotTrack = track != nil && *track == "true"
	return p, nil
}

type settingView struct{ db bun.IDB }

type settingTx struct {
	settingView
	tx *Tx
}

// settingRow is a row of the table setting.
type settingRow struct {
	bun.BaseModel `bun:"table:setting"`

	Name  string `bun:"name,pk"`
	Value string `bun:"value"` // JSON
}

// Settings reads what was ever set.
func (v settingView) Settings(ctx context.Context) (map[string]json.RawMessage, error) {
	var rows []settingRow
	if err := v.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	stored := map[string]json.RawMessage{}
	for _, row := range rows {
		stored[row.Name] = json.RawMessage(row.Value)
	}
	return stored, nil
}

func (t settingTx) SetSetting(ctx context.Context, name string, value json.RawMessage) error {
	_, err := t.db.NewInsert().Model(&settingRow{Name: name, Value: string(value)}).
		On("CONFLICT (name) DO UPDATE").Set("value = excluded.value").Exec(ctx)
	return translate(err)
}

func (t settingTx) Record(ctx context.Context, b activity.Body) (activity.Receipt, error) {
	return t.tx.Record(ctx, b)
}
