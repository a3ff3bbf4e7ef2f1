package sqlite

import (
	"context"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// KeepMeaning keeps what the names in the query of a view stand for now; without filters
// it forgets what was kept. Cost: a row for each identity and each site that a filter
// matches. Errors: unavailable.
func (t accountTx) KeepMeaning(ctx context.Context, view int64, filters []activity.Filter) error {
	if _, err := t.db.NewDelete().TableExpr("hold_meaning").Where("view = ?", view).Exec(ctx); err != nil {
		return translate(err)
	}
	for _, f := range filters {
		for _, m := range meanings(f) {
			_, err := t.db.NewRaw("INSERT INTO hold_meaning (view, at, kind, id) SELECT ?, ?, ?, d.id FROM ? AS d WHERE "+m.text,
				append([]any{view, f.At, m.kind, bun.Ident(m.table)}, m.args...)...).Exec(ctx)
			if err != nil {
				return translate(err)
			}
		}
	}
	return nil
}

// A meaning is the rows of one table that a name stands for, and what their ids are of.
type meaning struct {
	table, kind string
	condition
}

// meanings are what the value of a filter stands for: values of activities, and the users
// and sites of ours to which more such values may come.
func meanings(f activity.Filter) []meaning {
	user := where("d.login_key = ?", access.Fold(strings.TrimSpace(f.Value)))
	switch f.Field {
	case activity.ByActor:
		return []meaning{{"actor", "actor", actorCondition(f.Value, 0)}, {"user", "user", user}}
	case activity.ByLogin:
		return []meaning{{"actor", "actor", loginCondition(f.Value)}, {"user", "user", user}}
	case activity.BySite:
		ours := where("d.name = ? COLLATE NOCASE", f.Value)
		if id, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
			ours = ours.or(where("d.id = ?", id))
		}
		return []meaning{{"site", "site", siteCondition(f.Value)}, {"measurable", "measurable", ours}, {"removed_site", "measurable", ours}}
	}
	return nil
}

// meantCondition finds what the value of a filter has stood for since a hold was set:
// triggers of the schema add what comes to its users and sites.
func meantCondition(f activity.Filter) condition {
	kind := "actor"
	if f.Field == activity.BySite {
		kind = "site"
	}
	return where("d.id IN (SELECT id FROM hold_meaning WHERE view = ? AND at = ? AND kind = ?)", f.Held, f.At, kind)
}
