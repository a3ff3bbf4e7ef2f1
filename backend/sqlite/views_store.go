package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"activitylog/backend/view"
)

// Views keeps views. It implements view.Store.
type Views struct {
	db *DB
	accountView
}

// NewViews returns the views of a log.
func NewViews(db *DB) *Views { return &Views{db: db, accountView: accountView{db.Read()}} }

// Update runs change in a transaction of the writer.
func (s *Views) Update(ctx context.Context, change func(view.Tx) error) error {
	return s.db.Write(ctx, func(tx *Tx) error { return change(accountTx{accountView{tx.Bun()}, tx}) })
}

// Size returns how many entries the ledger has, those of this transaction too.
func (t accountTx) Size() int64 { return t.tx.w.tx.tree.Size() }

// viewRow is a row of the table view.
type viewRow struct {
	bun.BaseModel `bun:"table:view,alias:v"`

	ID        int64  `bun:"id,pk,autoincrement"`
	User      int64  `bun:"user"`
	Name      string `bun:"name"`
	NameKey   string `bun:"name_key"`
	Query     string `bun:"query"`
	Columns   string `bun:"columns"` // JSON
	Sort      string `bun:"sort"`
	Density   string `bun:"density"`
	Shared    bool   `bun:"shared"`
	Since     int64  `bun:"since"`
	Version   int64  `bun:"version"`
	CreatedAt int64  `bun:"created_at"`
	ChangedAt int64  `bun:"changed_at"`

	HoldZone *string `bun:"hold_zone"` // nil: not under hold
}

func newViewRow(r view.Record) (*viewRow, error) {
	columns, err := json.Marshal(r.Columns)
	return &viewRow{
		ID: r.ID, User: r.User, Name: r.Name, NameKey: r.Key, Query: r.Query, Columns: string(columns), Sort: r.Order, Density: r.Density,
		Shared: r.Shared, HoldZone: r.HoldZone, Since: r.Since, Version: r.Version, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
	}, err
}

func (v viewRow) record() (view.Record, error) {
	r := view.Record{
		ID: v.ID, User: v.User, Name: v.Name, Key: v.NameKey, Query: v.Query, Columns: []string{}, Order: v.Sort, Density: v.Density,
		Shared: v.Shared, HoldZone: v.HoldZone, Since: v.Since, Version: v.Version, CreatedAt: v.CreatedAt, ChangedAt: v.ChangedAt,
	}
	if err := json.Unmarshal([]byte(v.Columns), &r.Columns); err != nil {
		return r, fmt.Errorf("the columns of view %d: %w", v.ID, err)
	}
	return r, nil
}

// Views lists a user's own views and the shared ones, by name.
func (v accountView) Views(ctx context.Context, user int64) ([]view.Record, error) {
	var rows []viewRow
	if err := v.db.NewSelect().Model(&rows).Where("shared = 1 OR user = ?", user).Order("name_key", "id").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]view.Record, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ViewByID finds a view, whoever made it.
func (v accountView) ViewByID(ctx context.Context, id int64) (view.Record, bool, error) {
	var row viewRow
	ok, err := found(v.db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx))
	if err != nil || !ok {
		return view.Record{}, false, err
	}
	r, err := row.record()
	return r, err == nil, err
}

// AddView stores a new view. AUTOINCREMENT sees to it that its id was never used.
func (t accountTx) AddView(ctx context.Context, r view.Record) (int64, error) {
	row, err := newViewRow(r)
	if err != nil {
		return 0, err
	}
	row.ID = 0
	_, err = t.db.NewInsert().Model(row).Exec(ctx)
	return row.ID, translate(err)
}

// PutView stores all of a view but its id, place and creation.
func (t accountTx) PutView(ctx context.Context, r view.Record) error {
	row, err := newViewRow(r)
	if err != nil {
		return err
	}
	_, err = t.db.NewUpdate().Model(row).WherePK().
		Column("user", "name", "name_key", "query", "columns", "sort", "density", "shared", "hold_zone", "version", "changed_at").Exec(ctx)
	return translate(err)
}

// DropView removes a view; marks go with it.
func (t accountTx) DropView(ctx context.Context, id int64) error {
	_, err := t.db.NewDelete().Model((*viewRow)(nil)).Where("id = ?", id).Exec(ctx)
	return translate(err)
}

// markRow is a row of the table view_mark.
type markRow struct {
	bun.BaseModel `bun:"table:view_mark"`

	User   int64 `bun:"user,pk"`
	View   int64 `bun:"view,pk"`
	Seen   int64 `bun:"seen"`
	Pinned bool  `bun:"pinned"`
}

// Marks reads a user's marks, by view.
func (v accountView) Marks(ctx context.Context, user int64) (map[int64]view.Mark, error) {
	var rows []markRow
	if err := v.db.NewSelect().Model(&rows).Where("user = ?", user).Scan(ctx); err != nil {
		return nil, translate(err)
	}
	marks := map[int64]view.Mark{}
	for _, row := range rows {
		marks[row.View] = view.Mark{Seen: row.Seen, Pinned: row.Pinned}
	}
	return marks, nil
}

// SetMark stores one.
func (t accountTx) SetMark(ctx context.Context, user, viewed int64, m view.Mark) error {
	_, err := t.db.NewInsert().Model(&markRow{User: user, View: viewed, Seen: m.Seen, Pinned: m.Pinned}).
		On("CONFLICT (user, view) DO UPDATE").Set("seen = excluded.seen").Set("pinned = excluded.pinned").Exec(ctx)
	return translate(err)
}
