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

// meanings are what the value of a filter stands for: values of activities and, so that
// more of them come to what is held, users and sites of ours. Of a negated one those alone
// that are there: what comes later takes nothing from what is held.
func meanings(f activity.Filter) (list []meaning) {
	switch f.Field {
	case activity.ByActor:
		list = []meaning{{"actor", "actor", actorCondition(f.Value, 0)}, {"user", "user", where("d.login_key = ?", access.Fold(strings.TrimSpace(f.Value)))}}
	case activity.BySite:
		ours := named("d.name COLLATE NOCASE", f.Value)
		if id, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
			ours = ours.or(where("d.id = ?", id))
		}
		list = []meaning{{"site", "site", siteCondition(f.Value)}, {"measurable", "measurable", ours}, {"removed_site", "measurable", ours}}
	}
	if f.Negated && len(list) > 0 {
		return list[:1]
	}
	return list
}

// asHeld widens a condition, what the value of a filter stands for now, to what it stands
// for in a view under hold: that, or what was kept. A negated one excludes what both say.
func (c condition) asHeld(f activity.Filter) condition {
	if f.Held == 0 {
		return c
	}
	kind := "actor"
	if f.Field == activity.BySite {
		kind = "site"
	}
	kept := where("d.id IN (SELECT id FROM hold_meaning WHERE view = ? AND at = ? AND kind = ?)", f.Held, f.At, kind)
	if !f.Negated {
		return c.or(kept)
	}
	if c.never() {
		return c
	}
	return condition{"(" + c.text + ") AND " + kept.text, append(append([]any{}, c.args...), kept.args...)}
}
