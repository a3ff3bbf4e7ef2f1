package sqlite

import (
	"context"
	"strconv"

	"activitylog/backend/activity"
	"activitylog/backend/site"
)

// resolveQuery takes an id or 0, a name, whether all sites count, and else whose, and what
// the name is as an address. Each part of the OR has an index.
const resolveQuery = `SELECT id, kind, name FROM measurable WHERE (id = ?1 OR name = ?2 COLLATE NOCASE
	OR id IN (SELECT measurable FROM address WHERE called = ?5))
	AND (?3 OR id IN (SELECT site FROM access WHERE user = ?4)) ORDER BY id = ?1 DESC, name = ?2 DESC, name = ?2 COLLATE NOCASE DESC, id LIMIT 1`

func resolveArgs(c activity.SiteCall) []any {
	number, err := strconv.ParseInt(c.Text, 10, 64)
	if err != nil || strconv.FormatInt(number, 10) != c.Text {
		number = 0
	}
	return []any{number, c.Text, c.Scope.All, c.Scope.User, site.Called(c.Text)}
}

// ResolveSite returns the site of this log with that id, or with that name, in the
// same case before any case, or with that address; false if there is none, or none that the scope's user has
// access to. It costs a look at the few sites there are. Errors: unavailable.
func (db *DB) ResolveSite(ctx context.Context, scope activity.Scope, text string) (activity.SiteRef, bool, error) {
	var ref activity.SiteRef
	if !searchable(text) {
		return ref, false, nil // no site is called that
	}
	known, err := found(db.read.QueryRowContext(ctx, resolveQuery, resolveArgs(activity.SiteCall{Text: text, Scope: scope})...).Scan(&ref.ID, &ref.Kind, &ref.Name))
	return ref, known, err
}

// findSite fills in which site a body means, at this moment. It costs nothing where it
// was asked before and nobody changed a site, or access to one, since.
func (w *writer) findSite(ctx context.Context, b *activity.Body) error {
	call := b.SiteCalled
	if !searchable(call.Text) || call.Text == "" {
		return nil
	}
	ref, known := w.known.sites[call]
	if !known || w.relink { // a closure that was given Bun may have changed one
		var found activity.SiteRef
		ours, err := w.find(ctx, resolveQuery, resolveArgs(call), &found.ID, &found.Kind, &found.Name)
		if err != nil {
			return err
		}
		if ref = nil; ours {
			ref = &found
		}
		if len(w.known.sites) > dictMost {
			clear(w.known.sites)
		}
		w.known.sites[call] = ref
	}
	if ref != nil {
		b.Site = ref
	}
	return nil
}
