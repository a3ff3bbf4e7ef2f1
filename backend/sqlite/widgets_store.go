package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"activitylog/backend/widget"
)

// Widgets keeps widgets. It implements widget.Store.
type Widgets struct {
	db *DB
	accountView
}

// NewWidgets returns the widgets of a log.
func NewWidgets(db *DB) *Widgets { return &Widgets{db: db, accountView: accountView{db.Read()}} }

// Update runs change in a transaction of the writer.
func (s *Widgets) Update(ctx context.Context, change func(widget.Tx) error) error {
	return s.db.Write(ctx, func(tx *Tx) error { return change(accountTx{accountView{tx.Bun()}, tx}) })
}

// widgetRow is a row of the table widget.
type widgetRow struct {
	bun.BaseModel `bun:"table:widget"`

	ID        string `bun:"id,pk"`
	User      int64  `bun:"user"`
	Name      string `bun:"name"`
	Query     string `bun:"query"`
	Ancestors string `bun:"ancestors"` // JSON
	Theme     string `bun:"theme"`
	Rows      int    `bun:"rows"`
	Everybody bool   `bun:"everybody"`
	Token     int64  `bun:"token"`
	CreatedAt int64  `bun:"created_at"`
}

func (w widgetRow) record() (widget.Record, error) {
	r := widget.Record{
		ID: w.ID, User: w.User, Name: w.Name, Query: w.Query, Ancestors: []string{}, Theme: w.Theme,
		Limit: w.Rows, Everybody: w.Everybody, Token: w.Token, CreatedAt: w.CreatedAt,
	}
	if err := json.Unmarshal([]byte(w.Ancestors), &r.Ancestors); err != nil {
		return r, fmt.Errorf("the ancestors of widget %s: %w", w.ID, err)
	}
	return r, nil
}

// Widgets lists all widgets, oldest first.
func (v accountView) Widgets(ctx context.Context) ([]widget.Record, error) {
	var rows []widgetRow
	if err := v.db.NewSelect().Model(&rows).Order("created_at", "id").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]widget.Record, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// WidgetByID finds a widget.
func (v accountView) WidgetByID(ctx context.Context, id string) (widget.Record, bool, error) {
	var row widgetRow
	ok, err := found(v.db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx))
	if err != nil || !ok {
		return widget.Record{}, false, err
	}
	r, err := row.record()
	return r, err == nil, err
}

// PutWidget stores a widget, anew or over the one with its id.
func (t accountTx) PutWidget(ctx context.Context, r widget.Record) error {
	ancestors, err := json.Marshal(r.Ancestors)
	if err != nil {
		return err
	}
	row := &widgetRow{
		ID: r.ID, User: r.User, Name: r.Name, Query: r.Query, Ancestors: string(ancestors), Theme: r.Theme,
		Rows: r.Limit, Everybody: r.Everybody, Token: r.Token, CreatedAt: r.CreatedAt,
	}
	_, err = t.db.NewInsert().Model(row).On("CONFLICT (id) DO UPDATE").
		Set("name = excluded.name").Set("query = excluded.query").Set("ancestors = excluded.ancestors").
		Set("theme = excluded.theme").Set("rows = excluded.rows").Set("everybody = excluded.everybody").
		Set("token = excluded.token").Exec(ctx)
	return translate(err)
}

// DropWidget removes a widget.
func (t accountTx) DropWidget(ctx context.Context, id string) error {
	_, err := t.db.NewDelete().Model((*widgetRow)(nil)).Where("id = ?", id).Exec(ctx)
	return translate(err)
}
