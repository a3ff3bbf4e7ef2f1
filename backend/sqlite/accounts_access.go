package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"github.com/uptrace/bun"

	"activitylog/backend/account"
	"activitylog/backend/activity"
)

// found tells no row apart from a failure.
func found(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, translate(err)
}

// accessRow is a row of the table access.
type accessRow struct {
	bun.BaseModel `bun:"table:access"`

	User  int64  `bun:"user,pk"`
	Site  int64  `bun:"site,pk"`
	Level string `bun:"level"`
}

// identityRow is a row of the dictionary actor.
type identityRow struct {
	bun.BaseModel `bun:"table:actor,alias:a"`

	ID     int64  `bun:"id,pk"`
	Kind   string `bun:"kind"`
	Source string `bun:"source"`
	Name   string `bun:"name"`
	UserID *int64 `bun:"user_id"`
}

func (a identityRow) link() account.Link {
	return account.Link{Actor: a.ID, Kind: a.Kind, Source: a.Source, Name: a.Name, User: a.UserID}
}

// Grants lists the access of a user, or with 0 of all, by user and site.
func (v accountView) Grants(ctx context.Context, user int64) ([]account.Grant, error) {
	if user == 0 {
		return v.grants(ctx, "1")
	}
	return v.grants(ctx, "user = ?", user)
}

// GrantsOn lists the access to a site, by user.
func (v accountView) GrantsOn(ctx context.Context, site int64) ([]account.Grant, error) {
	return v.grants(ctx, "site = ?", site)
}

func (v accountView) grants(ctx context.Context, where string, args ...any) ([]account.Grant, error) {
	var rows []accessRow
	if err := v.db.NewSelect().Model(&rows).Where(where, args...).Order("user", "site").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]account.Grant, len(rows))
	for i, row := range rows {
		list[i] = account.Grant{User: row.User, Site: row.Site, Level: row.Level}
	}
	return list, nil
}

// SetGrant stores a level, or takes it away.
func (t accountTx) SetGrant(ctx context.Context, g account.Grant) error {
	if g.Level == "" {
		_, err := t.db.NewDelete().Model((*accessRow)(nil)).Where("user = ? AND site = ?", g.User, g.Site).Exec(ctx)
		return translate(err)
	}
	_, err := t.db.NewInsert().Model(&accessRow{User: g.User, Site: g.Site, Level: g.Level}).
		On("CONFLICT (user, site) DO UPDATE").Set("level = excluded.level").Exec(ctx)
	return translate(err)
}

// Links lists the foreign identities linked to a user, or with 0 all that are linked.
func (v accountView) Links(ctx context.Context, user int64) ([]account.Link, error) {
	var rows []identityRow
	q := v.db.NewSelect().Model(&rows).Where("user_id IS NOT NULL AND source <> ?", self).Order("user_id", "source", "kind", "name")
	if user != 0 {
		q = q.Where("user_id = ?", user)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]account.Link, len(rows))
	for i, row := range rows {
		list[i] = row.link()
	}
	return list, nil
}

// Actor finds an identity, of whatever source.
func (v accountView) Actor(ctx context.Context, id int64) (account.Link, bool, error) {
	var row identityRow
	ok, err := found(v.db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx))
	return row.link(), ok, err
}

// SetLink links an identity to a user, or to none.
func (t accountTx) SetLink(ctx context.Context, actor int64, user *int64) error {
	_, err := t.db.NewUpdate().Model((*identityRow)(nil)).Set("user_id = ?", user).
		Where("id = ? AND source <> ?", actor, self).Exec(ctx)
	return translate(err)
}

// SiteRef finds a site of this log as an activity names it.
func (v accountView) SiteRef(ctx context.Context, site int64) (activity.SiteRef, bool, error) {
	var row ownSiteRow
	ok, err := found(v.db.NewSelect().Model(&row).Where("id = ?", site).Scan(ctx))
	id := strconv.FormatInt(site, 10)
	return activity.SiteRef{ID: &id, Kind: row.Kind, Name: row.Name}, ok, err
}

// EmailOf finds the address of the user an actor is linked to, within the scope.
func (v accountView) EmailOf(ctx context.Context, scope activity.Scope, actor int64) (string, bool, error) {
	var email string
	q := v.db.NewSelect().Model((*userRow)(nil)).Column("u.email").
		Join("JOIN actor AS a ON a.user_id = u.id").Where("a.id = ?", actor)
	if !scope.All {
		q = q.Where("u.id = ?", scope.User)
	}
	ok, err := found(q.Scan(ctx, &email))
	return email, ok, err
}
