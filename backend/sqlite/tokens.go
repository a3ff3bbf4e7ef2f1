package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"activitylog/backend/access"
	"activitylog/backend/account"
)

// tokenRow is a row of the table token.
type tokenRow struct {
	bun.BaseModel `bun:"table:token,alias:t"`

	ID        int64  `bun:"id,pk,autoincrement"`
	Hash      []byte `bun:"hash"`
	User      int64  `bun:"user"`
	Name      string `bun:"name"`
	Scopes    string `bun:"scopes"` // JSON
	AllowGet  bool   `bun:"allow_get"`
	Widget    string `bun:"widget,nullzero"`
	CreatedAt int64  `bun:"created_at"`
	ExpiresAt *int64 `bun:"expires_at"`
	SeenAt    *int64 `bun:"seen_at"`
	RevokedAt *int64 `bun:"revoked_at"`
}

// liveToken is a token with what is needed of its maker.
type liveToken struct {
	tokenRow `bun:",extend"`

	MakerID  *int64  `bun:"maker_id"`
	Login    *string `bun:"login"`
	Super    *bool   `bun:"super"`
	Disabled *bool   `bun:"disabled"`
	Level    string  `bun:"level"`
	Language string  `bun:"language"`
	Zone     string  `bun:"zone"`
}

func newTokenRow(r account.TokenRecord) (*tokenRow, error) {
	scopes, err := json.Marshal(r.Scopes)
	return &tokenRow{
		ID: r.ID, User: r.User, Name: r.Name, Scopes: string(scopes), AllowGet: r.AllowGet, Widget: r.Widget,
		CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt, SeenAt: r.SeenAt, RevokedAt: r.RevokedAt,
	}, err
}

func (t liveToken) record() (account.TokenRecord, error) {
	r := account.TokenRecord{
		ID: t.ID, User: t.User, Name: t.Name, AllowGet: t.AllowGet, Widget: t.Widget, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
		SeenAt: t.SeenAt, RevokedAt: t.RevokedAt, Level: t.Level, Language: t.Language, Zone: t.Zone,
	}
	if err := json.Unmarshal([]byte(t.Scopes), &r.Scopes); err != nil {
		return r, fmt.Errorf("the scopes of token %d: %w", t.ID, err)
	}
	if r.Scopes == nil {
		r.Scopes = []access.Scope{}
	}
	if t.MakerID != nil {
		r.Maker = &account.Record{ID: *t.MakerID, Login: *t.Login, Super: *t.Super, Disabled: *t.Disabled}
	}
	return r, nil
}

func (v accountView) tokens(ctx context.Context, where string, args ...any) ([]account.TokenRecord, error) {
	var rows []liveToken
	q := v.db.NewSelect().TableExpr("token AS t").ColumnExpr("t.*").
		ColumnExpr("u.id AS maker_id, u.login, u.super, u.disabled").
		ColumnExpr(highestLevel+" AS level").
		ColumnExpr(preferenceText+" AS language", "language").
		ColumnExpr(preferenceText+" AS zone", "zone").
		Join("LEFT JOIN user AS u ON u.id = t.user").Order("t.id")
	if where != "" {
		q = q.Where(where, args...)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, translate(err)
	}
	list := make([]account.TokenRecord, len(rows))
	for i, row := range rows {
		var err error
		if list[i], err = row.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Tokens lists all tokens by id.
func (v accountView) Tokens(ctx context.Context) ([]account.TokenRecord, error) {
	return v.tokens(ctx, "")
}

// TokenByID finds a token.
func (v accountView) TokenByID(ctx context.Context, id int64) (account.TokenRecord, bool, error) {
	return first(v.tokens(ctx, "t.id = ?", id))
}

// TokenByHash finds a token by the hash of its secret.
func (v accountView) TokenByHash(ctx context.Context, hash []byte) (account.TokenRecord, bool, error) {
	return first(v.tokens(ctx, "t.hash = ?", hash))
}

func first(list []account.TokenRecord, err error) (account.TokenRecord, bool, error) {
	if err != nil || len(list) == 0 {
		return account.TokenRecord{}, false, err
	}
	return list[0], true, nil
}

// AddToken stores a new token. AUTOINCREMENT sees to it that its id was never used.
func (t accountTx) AddToken(ctx context.Context, r account.TokenRecord, hash []byte) (int64, error) {
	row, err := newTokenRow(r)
	if err != nil {
		return 0, err
	}
	row.ID, row.Hash = 0, hash
	_, err = t.db.NewInsert().Model(row).Exec(ctx)
	return row.ID, translate(err)
}

// SaveToken stores what may change of a token.
func (t accountTx) SaveToken(ctx context.Context, r account.TokenRecord) error {
	row, err := newTokenRow(r)
	if err != nil {
		return err
	}
	_, err = t.db.NewUpdate().Model(row).WherePK().Column("name", "scopes", "allow_get", "expires_at", "revoked_at").Exec(ctx)
	return translate(err)
}

// TouchToken notes that a token was used.
func (t accountTx) TouchToken(ctx context.Context, id, now int64) error {
	_, err := t.db.NewUpdate().Model((*tokenRow)(nil)).Set("seen_at = ?", now).Where("id = ?", id).Exec(ctx)
	return translate(err)
}
