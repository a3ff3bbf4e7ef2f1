package sqlite

import (
	"context"

	"github.com/uptrace/bun"

	"activitylog/backend/account"
)

// throttleRow is a row of the table throttle.
type throttleRow struct {
	bun.BaseModel `bun:"table:throttle"`

	Scope    string `bun:"scope,pk"`
	Failures int    `bun:"failures"`
	Until    int64  `bun:"until"`
	Summary  int64  `bun:"summary"`
	Skipped  int    `bun:"skipped"`
}

func (r throttleRow) tries() account.Tries {
	return account.Tries{Scope: r.Scope, Failures: r.Failures, Until: r.Until, Summary: r.Summary, Skipped: r.Skipped}
}

// Tries reads the failed sign-ins of a scope.
func (v accountView) Tries(ctx context.Context, scope string) (account.Tries, bool, error) {
	var row throttleRow
	ok, err := found(v.db.NewSelect().Model(&row).Where("scope = ?", scope).Scan(ctx))
	return row.tries(), ok, err
}

// Untold lists the scopes with failures that were not recorded and are due.
func (v accountView) Untold(ctx context.Context, before int64) ([]account.Tries, error) {
	var rows []throttleRow
	if err := v.db.NewSelect().Model(&rows).Where("skipped > 0 AND summary <= ?", before).Order("scope").Scan(ctx); err != nil {
		return nil, translate(err)
	}
	list := make([]account.Tries, len(rows))
	for i, row := range rows {
		list[i] = row.tries()
	}
	return list, nil
}

// SaveTries stores the failed sign-ins of a scope.
func (t accountTx) SaveTries(ctx context.Context, tries account.Tries) error {
	row := throttleRow{Scope: tries.Scope, Failures: tries.Failures, Until: tries.Until, Summary: tries.Summary, Skipped: tries.Skipped}
	_, err := t.db.NewInsert().Model(&row).On("CONFLICT (scope) DO UPDATE").
		Set("failures = excluded.failures, until = excluded.until, summary = excluded.summary, skipped = excluded.skipped").Exec(ctx)
	return translate(err)
}

// ForgetTries begins a scope's counting anew.
func (t accountTx) ForgetTries(ctx context.Context, scope string) error {
	_, err := t.db.NewDelete().Model((*throttleRow)(nil)).Where("scope = ?", scope).Exec(ctx)
	return translate(err)
}

// ForgetTriesBefore does so for all scopes without a try since, but for those with
// something to tell.
func (t accountTx) ForgetTriesBefore(ctx context.Context, until int64) error {
	_, err := t.db.NewDelete().Model((*throttleRow)(nil)).Where("until < ? AND skipped = 0", until).Exec(ctx)
	return translate(err)
}
