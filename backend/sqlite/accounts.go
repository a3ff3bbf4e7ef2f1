package sqlite

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/uptrace/bun"

	"activitylog/backend/account"
	"activitylog/backend/activity"
)

// Accounts keeps users, access, sessions, preferences and links. It implements
// account.Store, and avatar.People.
type Accounts struct {
	db *DB
	accountView
}

// NewAccounts returns the accounts of a log.
func NewAccounts(db *DB) *Accounts { return &Accounts{db: db, accountView: accountView{db.Read()}} }

// Secret returns the key for hashes of unknown logins, derived from the log's secret,
// or an error if that file is missing.
func (a *Accounts) Secret() ([]byte, error) {
	if a.db.log.secErr != nil {
		return nil, a.db.log.secErr
	}
	mac := hmac.New(sha256.New, a.db.log.secret)
	mac.Write([]byte("activity-login-key/v1"))
	return mac.Sum(nil), nil
}

// Update runs change in a transaction of the writer.
func (a *Accounts) Update(ctx context.Context, change func(account.Tx) error) error {
	return a.db.Write(ctx, func(tx *Tx) error { return change(accountTx{accountView{tx.Bun()}, tx}) })
}

// accountView reads accounts, from the pool or within a transaction.
type accountView struct{ db bun.IDB }

// accountTx also writes.
type accountTx struct {
	accountView
	tx *Tx
}

func (t accountTx) Record(ctx context.Context, b activity.Body) (activity.Receipt, error) {
	return t.tx.Record(ctx, b)
}

// userRow is a row of the table user.
type userRow struct {
	bun.BaseModel `bun:"table:user,alias:u"`

	ID        int64  `bun:"id,pk,autoincrement"`
	Login     string `bun:"login"`
	LoginKey  string `bun:"login_key"`
	Email     string `bun:"email"`
	Name      string `bun:"name"`
	Password  string `bun:"password"`
	Super     bool   `bun:"super"`
	Disabled  bool   `bun:"disabled"`
	Version   int64  `bun:"version"`
	CreatedAt int64  `bun:"created_at"`
	SeenAt    *int64 `bun:"seen_at"`
}

func newUserRow(r account.Record) *userRow {
	return &userRow{
		ID: r.ID, Login: r.Login, LoginKey: r.Key, Email: r.Email, Name: r.Name, Password: r.Password,
		Super: r.Super, Disabled: r.Disabled, Version: r.Version, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt,
	}
}

func (u userRow) record() account.Record {
	return account.Record{
		ID: u.ID, Login: u.Login, Key: u.LoginKey, Email: u.Email, Name: u.Name, Password: u.Password,
		Super: u.Super, Disabled: u.Disabled, Version: u.Version, CreatedAt: u.CreatedAt, SeenAt: u.SeenAt,
	}
}

// HasSuper reports whether there is a super user.
func (v accountView) HasSuper(ctx context.Context) (bool, error) {
	ok, err := v.db.NewSelect().Model((*userRow)(nil)).Where("super = 1").Exists(ctx)
	return ok, translate(err)
}

// OtherSupers counts the enabled super users besides this one.
func (v accountView) OtherSupers(ctx context.Context, id int64) (int, error) {
	n, err := v.db.NewSelect().Model((*userRow)(nil)).Where("super = 1 AND disabled = 0 AND id <> ?", id).Count(ctx)
	return int(n), translate(err)
}

// Users lists all users by login.
func (v accountView) Users(ctx context.Context) ([]account.Record, error) {
	var rows []userRow
	if err := v.db.NewSelect().Model(&rows).Order("login_key").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]account.Record, len(rows))
	for i, row := range rows {
		list[i] = row.record()
	}
	return list, nil
}

// UserByID finds a user.
func (v accountView) UserByID(ctx context.Context, id int64) (account.Record, bool, error) {
	return v.user(ctx, "id = ?", id)
}

// UserByKey finds a user by its login's key.
func (v accountView) UserByKey(ctx context.Context, key string) (account.Record, bool, error) {
	return v.user(ctx, "login_key = ?", key)
}

func (v accountView) user(ctx context.Context, where string, arg any) (account.Record, bool, error) {
	var row userRow
	ok, err := found(v.db.NewSelect().Model(&row).Where(where, arg).Scan(ctx))
	return row.record(), ok, err
}

// OwnViews counts a user's views that are not shared.
func (v accountView) OwnViews(ctx context.Context, user int64) (int, error) {
	n, err := v.db.NewSelect().Model((*viewRow)(nil)).Where("user = ? AND shared = 0", user).Count(ctx)
	return int(n), translate(err)
}

// AddUser stores a new user. AUTOINCREMENT sees to it that its id was never used.
func (t accountTx) AddUser(ctx context.Context, r account.Record) (int64, error) {
	row := newUserRow(r)
	row.ID = 0
	_, err := t.db.NewInsert().Model(row).Exec(ctx)
	return row.ID, translate(err)
}

// SaveUser stores all of a user but its id, login and creation.
func (t accountTx) SaveUser(ctx context.Context, r account.Record) error {
	_, err := t.db.NewUpdate().Model(newUserRow(r)).WherePK().
		Column("email", "name", "password", "super", "disabled", "version", "seen_at").Exec(ctx)
	return translate(err)
}

// DropUser deletes a user; sessions, access, preferences and own views go with it. Its own
// identities keep its id, which no other user will have. One of another source that has
// no activity (any more) stayed only because it was linked, and goes.
func (t accountTx) DropUser(ctx context.Context, id int64) error {
	var linked []int64
	err := t.db.NewSelect().Model((*identityRow)(nil)).Column("id").Where("user_id = ? AND source <> ?", id, self).Scan(ctx, &linked)
	if err != nil {
		return translate(err)
	}
	_, err = t.db.NewUpdate().Model((*identityRow)(nil)).Set("user_id = NULL").
		Where("user_id = ? AND source <> ?", id, self).Exec(ctx)
	if err != nil {
		return translate(err)
	}
	for _, actor := range linked {
		if err := t.tx.w.dropActor(ctx, actor); err != nil {
			return err
		}
	}
	if _, err := t.db.NewDelete().Model((*viewRow)(nil)).Where("user = ? AND shared = 0", id).Exec(ctx); err != nil {
		return translate(err)
	}
	_, err = t.db.NewDelete().Model((*userRow)(nil)).Where("id = ?", id).Exec(ctx)
	return translate(err)
}
