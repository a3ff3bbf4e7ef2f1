package sqlite

import "context"

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
