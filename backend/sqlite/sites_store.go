package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/site"
)

// Sites keeps the measurables. It implements site.Store.
type Sites struct {
	db *DB
	siteView
}

// NewSites returns the sites of a log.
func NewSites(db *DB) *Sites { return &Sites{db: db, siteView: siteView{db.Read()}} }

// Update runs change in a transaction of the writer.
func (s *Sites) Update(ctx context.Context, change func(site.Tx) error) error {
	return s.db.Write(ctx, func(tx *Tx) error { return change(siteTx{siteView{tx.Bun()}, tx}) })
}

type siteView struct{ db bun.IDB }

type siteTx struct {
	siteView
	tx *Tx
}

// ownSiteRow is a row of the table measurable.
type ownSiteRow struct {
	bun.BaseModel `bun:"table:measurable"`

	ID        int64  `bun:"id,pk"`
	Kind      string `bun:"kind"`
	Name      string `bun:"name"`
	Zone      string `bun:"zone"`
	CreatedAt int64  `bun:"created_at"`
}

func (m ownSiteRow) record() site.Record {
	return site.Record{ID: m.ID, Kind: m.Kind, Name: m.Name, Zone: m.Zone}
}

// Sites lists all sites by id.
func (v siteView) Sites(ctx context.Context) ([]site.Record, error) {
	var rows []ownSiteRow
	if err := v.db.NewSelect().Model(&rows).Order("id").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]site.Record, len(rows))
	for i, row := range rows {
		list[i] = row.record()
	}
	return list, nil
}

// Site finds a site.
func (v siteView) Site(ctx context.Context, id int64) (site.Record, bool, error) {
	return v.find(ctx, "id = ?", id)
}

// SiteByName finds a site by its exact name.
func (v siteView) SiteByName(ctx context.Context, name string) (site.Record, bool, error) {
	return v.find(ctx, "name = ?", name)
}

func (v siteView) find(ctx context.Context, where string, arg any) (site.Record, bool, error) {
	var row ownSiteRow
	ok, err := found(v.db.NewSelect().Model(&row).Where(where, arg).Scan(ctx))
	return row.record(), ok, err
}

// Levels reads a user's access by site.
func (v siteView) Levels(ctx context.Context, user int64) (map[int64]string, error) {
	grants, err := accountView(v).Grants(ctx, user)
	levels := map[int64]string{}
	for _, g := range grants {
		if g.User == user {
			levels[g.Site] = g.Level
		}
	}
	return levels, err
}

// Foreign lists names of sites in activities that are none of this log's.
func (v siteView) Foreign(ctx context.Context, limit int) ([]string, error) {
	var names []string
	err := v.db.NewSelect().TableExpr("site").ColumnExpr("DISTINCT name").Where("measurable = 0").
		OrderExpr("name").Limit(int64(limit)).Scan(ctx, &names)
	return names, translate(err)
}

// SaveSite stores a site's name and zone.
func (t siteTx) SaveSite(ctx context.Context, r site.Record) error {
	_, err := t.db.NewUpdate().Model(&ownSiteRow{ID: r.ID, Name: r.Name, Zone: r.Zone}).WherePK().Column("name", "zone").Exec(ctx)
	return translate(err)
}

func (t siteTx) Record(ctx context.Context, b activity.Body) (activity.Receipt, error) {
	return t.tx.Record(ctx, b)
}
