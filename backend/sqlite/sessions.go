package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"activitylog/backend/account"
)

// sessionRow is a row of the table session.
type sessionRow struct {
	bun.BaseModel `bun:"table:session,alias:s"`

	ID        string `bun:"id,pk"`
	User      int64  `bun:"user"`
	CreatedAt int64  `bun:"created_at"`
	SeenAt    int64  `bun:"seen_at"`
	ExpiresAt int64  `bun:"expires_at"`
	Door      string `bun:"door"`
	Agent     string `bun:"agent"`
}

// liveRow is a session with all that a call needs to know of it.
type liveRow struct {
	sessionRow `bun:",extend"`

	Owner    userRow `bun:"embed:u_"`
	Level    string  `bun:"level"`
	Language string  `bun:"language"`
	Zone     string  `bun:"zone"`
}

// highestLevel and preferenceText are parts of the query of Live.
const (
	highestLevel = `coalesce((SELECT level FROM access WHERE user = u.id
		ORDER BY CASE level WHEN 'admin' THEN 0 WHEN 'write' THEN 1 ELSE 2 END LIMIT 1), '')`
	preferenceText = `coalesce((SELECT value ->> '$' FROM preference WHERE user = u.id AND name = ?), '')`
)

// Live reads a session, its user, the highest level and two preferences at once:
// every call asks for it.
func (v accountView) Live(ctx context.Context, session string) (account.Live, bool, error) {
	var row liveRow
	q := v.db.NewSelect().TableExpr("session AS s").ColumnExpr("s.*").
		ColumnExpr("u.id AS u_id, u.login AS u_login, u.login_key AS u_login_key, u.email AS u_email, u.name AS u_name").
		ColumnExpr("u.password AS u_password, u.super AS u_super, u.disabled AS u_disabled, u.version AS u_version").
		ColumnExpr("u.created_at AS u_created_at, u.seen_at AS u_seen_at").
		ColumnExpr(highestLevel+" AS level").
		ColumnExpr(preferenceText+" AS language", "language").
		ColumnExpr(preferenceText+" AS zone", "zone").
		Join("JOIN user AS u ON u.id = s.user").Where("s.id = ?", session)
	ok, err := found(q.Scan(ctx, &row))
	return account.Live{
		Session: account.Running{
			ID: row.ID, User: row.User, CreatedAt: row.CreatedAt, SeenAt: row.SeenAt, ExpiresAt: row.ExpiresAt,
			Door: row.Door, Agent: row.Agent,
		},
		User: row.Owner.record(), Level: row.Level, Language: row.Language, Zone: row.Zone,
	}, ok, err
}

// AddSession stores a new session.
func (t accountTx) AddSession(ctx context.Context, r account.Running) error {
	_, err := t.db.NewInsert().Model(&sessionRow{
		ID: r.ID, User: r.User, CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, ExpiresAt: r.ExpiresAt, Door: r.Door, Agent: r.Agent,
	}).Exec(ctx)
	return translate(err)
}

// Touch notes that a session and its user were seen.
func (t accountTx) Touch(ctx context.Context, session string, now int64) error {
	_, err := t.db.NewUpdate().Model((*sessionRow)(nil)).Set("seen_at = ?", now).Where("id = ? AND seen_at < ?", session, now).Exec(ctx)
	if err != nil {
		return translate(err)
	}
	_, err = t.db.NewUpdate().Model((*userRow)(nil)).Set("seen_at = ?", now).
		Where("id = (SELECT user FROM session WHERE id = ?)", session).Exec(ctx)
	return translate(err)
}

// EndSession deletes a session.
func (t accountTx) EndSession(ctx context.Context, session string) error {
	_, err := t.db.NewDelete().Model((*sessionRow)(nil)).Where("id = ?", session).Exec(ctx)
	return translate(err)
}

// EndSessions deletes a user's sessions but for one.
func (t accountTx) EndSessions(ctx context.Context, user int64, except string) error {
	_, err := t.db.NewDelete().Model((*sessionRow)(nil)).Where("user = ? AND id <> ?", user, except).Exec(ctx)
	return translate(err)
}

// EndExpired deletes the sessions that are over.
func (t accountTx) EndExpired(ctx context.Context, now, seenBefore int64) error {
	_, err := t.db.NewDelete().Model((*sessionRow)(nil)).Where("expires_at <= ? OR seen_at <= ?", now, seenBefore).Exec(ctx)
	return translate(err)
}
