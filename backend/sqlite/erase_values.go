package sqlite

import (
	"context"
	"slices"
	"strings"
)

// dropUnused drops the values that only erased rows had. By is the place of the activity
// that says so, whose own words are not in the index yet. An identity of another source
// that is linked to a user stays: who it is stands in an activity of its own, and what
// comes in later is theirs.
func (w *writer) dropUnused(ctx context.Context, rows []goneRow, by int64) error {
	for _, d := range []struct {
		table  string
		of     func(goneRow) *int64
		used   string // finds an activity that has the value
		remove string
	}{
		{"actor", func(g goneRow) *int64 { return &g.actor }, "SELECT 1 FROM slot_actor WHERE actor = ? LIMIT 1", "DELETE FROM actor WHERE id = ? AND (user_id IS NULL OR source = 'self')"},
		{"type", func(g goneRow) *int64 { return &g.typ }, "SELECT 1 FROM slot_type WHERE type = ? LIMIT 1", "DELETE FROM type WHERE id = ?"},
		{"site", func(g goneRow) *int64 { return g.site }, "SELECT 1 FROM slot_site WHERE site = ? LIMIT 1", "DELETE FROM site WHERE id = ?"},
		{"source", func(g goneRow) *int64 { return &g.source }, "SELECT 1 FROM words WHERE words MATCH 'facets : d' || ? LIMIT 1", "DELETE FROM source WHERE id = ?"},
		{"object", func(g goneRow) *int64 { return g.object }, "SELECT 1 FROM words WHERE words MATCH 'facets : o' || ? LIMIT 1", "DELETE FROM object WHERE id = ?"},
		{"ip", func(g goneRow) *int64 { return g.ip }, "SELECT 1 FROM activity WHERE ip = ? LIMIT 1", "DELETE FROM ip WHERE id = ?"},
	} {
		looked := map[int64]bool{}
		for _, g := range rows {
			id := d.of(g)
			if id == nil || looked[*id] {
				continue
			}
			looked[*id] = true
			var one int64
			used, err := w.find(ctx, d.used, []any{*id}, &one)
			if err == nil && !used {
				used, err = w.find(ctx, "SELECT 1 FROM activity WHERE seq = ? AND "+d.table+" = ?", []any{by, *id}, &one)
			}
			if err != nil {
				return err
			}
			if used {
				continue
			}
			if err := w.exec(ctx, d.remove, *id); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropActor drops an identity that no activity has.
func (w *writer) dropActor(ctx context.Context, id int64) error {
	used, err := w.actorUsed(ctx, id)
	if err != nil || used {
		return err
	}
	clear(w.known.dicts.actors.ids) // others in this commit must not find it
	return w.exec(ctx, "DELETE FROM actor WHERE id = ?", id)
}

// actorUsed reports whether an activity has an identity, also one of this transaction,
// whose words are not in the index yet.
func (w *writer) actorUsed(ctx context.Context, id int64) (bool, error) {
	token := "a" + decimalOf(id)
	if slices.ContainsFunc(w.tx.words, func(r wordRow) bool { return slices.Contains(strings.Fields(r.facets), token) }) {
		return true, nil
	}
	var one int64
	return w.find(ctx, "SELECT 1 FROM words WHERE words MATCH 'facets : ' || ? LIMIT 1", []any{token}, &one)
}
