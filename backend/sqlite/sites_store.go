package sqlite

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"activitylog/backend/account"
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

	ID        int64   `bun:"id,pk"`
	Kind      string  `bun:"kind"`
	Name      string  `bun:"name"`
	Key       *string `bun:"name_key"`
	Zone      string  `bun:"zone"`
	Settings  string  `bun:"settings"`
	CreatedAt int64   `bun:"created_at"`
}

// addressRow is a row of the table address.
type addressRow struct {
	bun.BaseModel `bun:"table:address"`

	Site   int64  `bun:"measurable,pk"`
	N      int    `bun:"n,pk"`
	URL    string `bun:"url"`
	Called string `bun:"called"`
}

// removedSiteRow is a row of the table removed_site.
type removedSiteRow struct {
	bun.BaseModel `bun:"table:removed_site"`

	ID        int64  `bun:"id,pk"`
	Name      string `bun:"name"`
	RemovedAt int64  `bun:"removed_at"`
}

func rowOf(r site.Record) (*ownSiteRow, error) {
	settings, err := json.Marshal(r.Settings)
	return &ownSiteRow{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Key: new(site.Key(r.Name)), Zone: r.Zone, Settings: string(settings), CreatedAt: r.CreatedAt,
	}, err
}

// record returns the site without its addresses. Settings that were never set, or are
// of another kind, are as they are at first.
func (m ownSiteRow) record() site.Record {
	settings := site.Defaults()
	if json.Unmarshal([]byte(m.Settings), &settings) != nil {
		settings = site.Defaults()
	}
	return site.Record{ID: m.ID, Kind: m.Kind, Name: m.Name, Zone: m.Zone, Addresses: []string{}, Settings: settings, CreatedAt: m.CreatedAt}
}

// Sites lists all sites by id.
func (v siteView) Sites(ctx context.Context) ([]site.Record, error) { return v.list(ctx, "1") }

// Site finds a site.
func (v siteView) Site(ctx context.Context, id int64) (site.Record, bool, error) {
	list, err := v.list(ctx, "id = ?", id)
	if err != nil || len(list) == 0 {
		return site.Record{}, false, err
	}
	return list[0], true, nil
}

func (v siteView) list(ctx context.Context, where string, args ...any) ([]site.Record, error) {
	var rows []ownSiteRow
	if err := v.db.NewSelect().Model(&rows).Where(where, args...).Order("id").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list, at := make([]site.Record, len(rows)), make(map[int64]int, len(rows))
	for i, row := range rows {
		list[i], at[row.ID] = row.record(), i
	}
	var addresses []addressRow
	q := v.db.NewSelect().Model(&addresses).Order("measurable", "n")
	if len(rows) == 1 {
		q = q.Where("measurable = ?", rows[0].ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, translate(err)
	}
	for _, a := range addresses {
		if i, ok := at[a.Site]; ok {
			list[i].Addresses = append(list[i].Addresses, a.URL)
		}
	}
	return list, nil
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

// People counts the users with access by site.
func (v siteView) People(ctx context.Context) (map[int64]int, error) {
	var rows []struct {
		Site int64 `bun:"site"`
		N    int   `bun:"n"`
	}
	err := v.db.NewSelect().TableExpr("access AS a").ColumnExpr("a.site, count(*) AS n").
		Join("JOIN user AS u ON u.id = a.user AND NOT u.super").GroupExpr("a.site").Scan(ctx, &rows)
	people := make(map[int64]int, len(rows))
	for _, row := range rows {
		people[row.Site] = row.N
	}
	return people, translate(err)
}

// Foreign lists names of sites in activities that are none of this log's.
func (v siteView) Foreign(ctx context.Context, limit int) ([]string, error) {
	var names []string
	err := v.db.NewSelect().TableExpr("site").ColumnExpr("DISTINCT name").Where("measurable = 0").
		OrderExpr("name").Limit(int64(limit)).Scan(ctx, &names)
	return names, translate(err)
}

// AddSite stores a site under an id that none had, nor stands in any activity.
func (t siteTx) AddSite(ctx context.Context, r site.Record) (int64, error) {
	err := t.db.NewRaw(`SELECT max((SELECT coalesce(max(id), 0) FROM measurable), (SELECT coalesce(max(id), 0) FROM removed_site),
		(SELECT coalesce(max(measurable), 0) FROM site)) + 1`).Scan(ctx, &r.ID)
	if err != nil {
		return 0, translate(err)
	}
	row, err := rowOf(r)
	if err != nil {
		return 0, err
	}
	if _, err := t.db.NewInsert().Model(row).Exec(ctx); err != nil {
		return 0, translate(err)
	}
	return r.ID, t.saveAddresses(ctx, r)
}

// SaveSite stores all of a site but its creation.
func (t siteTx) SaveSite(ctx context.Context, r site.Record) error {
	row, err := rowOf(r)
	if err != nil {
		return err
	}
	if _, err := t.db.NewUpdate().Model(row).WherePK().ExcludeColumn("id", "created_at").Exec(ctx); err != nil {
		return translate(err)
	}
	if _, err := t.db.NewDelete().Model((*addressRow)(nil)).Where("measurable = ?", r.ID).Exec(ctx); err != nil {
		return translate(err)
	}
	return t.saveAddresses(ctx, r)
}

func (t siteTx) saveAddresses(ctx context.Context, r site.Record) error {
	for n, url := range r.Addresses {
		row := &addressRow{Site: r.ID, N: n, URL: url, Called: site.Called(url)}
		if _, err := t.db.NewInsert().Model(row).Exec(ctx); err != nil {
			return translate(err)
		}
	}
	return nil
}

// DropSite deletes a site; addresses and access go with it. Its id and last name stay.
func (t siteTx) DropSite(ctx context.Context, r site.Record, now int64) error {
	if _, err := t.db.NewInsert().Model(&removedSiteRow{ID: r.ID, Name: r.Name, RemovedAt: now}).Exec(ctx); err != nil {
		return translate(err)
	}
	_, err := t.db.NewDelete().Model((*ownSiteRow)(nil)).Where("id = ?", r.ID).Exec(ctx)
	return translate(err)
}

func (t siteTx) Record(ctx context.Context, b activity.Body) (activity.Receipt, error) {
	return t.tx.Record(ctx, b)
}

// Accounts is the same transaction, for what it does to users.
func (t siteTx) Accounts() account.Tx { return accountTx{accountView{t.db}, t.tx} }
