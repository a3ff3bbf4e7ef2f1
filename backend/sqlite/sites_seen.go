package sqlite

import (
	"context"
	"strconv"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
)

// measurableRow is one of this log's sites.
type measurableRow struct {
	ID   int64
	Kind string
	Name string
}

// ResolveSite returns the site of this log with that id, or with that name, in the
// same case before any case; false if there is none, or none that the scope's user has
// access to. It costs a look at the few sites there are. Errors: unavailable.
func (db *DB) ResolveSite(ctx context.Context, scope activity.Scope, text string) (activity.SiteRef, bool, error) {
	if !searchable(text) {
		return activity.SiteRef{}, false, nil // no site is called that
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(number, 10) != text {
		number = 0
	}
	var rows []measurableRow
	err = db.reading(ctx, func(tx bun.Tx) error {
		q := tx.NewSelect().TableExpr("measurable AS m").ColumnExpr("m.id, m.kind, m.name").
			Where("m.id = ? OR m.name = ? COLLATE NOCASE", number, text)
		if !scope.All {
			q = q.Where("m.id IN (SELECT site FROM access WHERE user = ?)", scope.User)
		}
		return q.OrderExpr("m.id = ? DESC, m.name = ? DESC, m.id", number, text).Limit(1).Scan(ctx, &rows)
	})
	if err != nil || len(rows) == 0 {
		return activity.SiteRef{}, false, err
	}
	id := strconv.FormatInt(rows[0].ID, 10)
	return activity.SiteRef{ID: &id, Kind: rows[0].Kind, Name: rows[0].Name}, true, nil
}
