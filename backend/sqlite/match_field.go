package sqlite

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// A condition is a piece of SQL over a dictionary row d. The empty one never holds.
type condition struct {
	text string
	args []any
}

func where(text string, args ...any) condition { return condition{text, args} }

func (c condition) never() bool { return c.text == "" }

func (c condition) or(other condition) condition {
	switch {
	case c.never():
		return other
	case other.never():
		return c
	}
	return condition{c.text + " OR " + other.text, append(append([]any{}, c.args...), other.args...)}
}

// A fieldCondition is what a query says of one column: alternatives, or exclusions.
type fieldCondition struct {
	dim
	negated bool
	cond    condition
	ids     []int64  // of columns without a dictionary
	kinds   []string // values of object:, which are resolved with the kinds at hand
}

// conditionsOf joins the filters of one field into alternatives.
func conditionsOf(sel activity.Selection) []fieldCondition {
	type place struct {
		field   activity.Field
		negated bool
	}
	at := map[place]int{}
	var list []fieldCondition
	for _, f := range sel.Query.Filters {
		p := place{f.Field, f.Negated}
		i, ok := at[p]
		if !ok {
			i = len(list)
			at[p] = i
			list = append(list, fieldCondition{dim: dimOf(f.Field), negated: f.Negated})
		}
		list[i].include(f, sel.Caller)
	}
	return list
}

func dimOf(field activity.Field) dim {
	switch field {
	case activity.ByActor, activity.ByLogin:
		return actorDim
	case activity.ByType, activity.ByCategory:
		return typeDim
	case activity.BySite:
		return siteDim
	case activity.ByObject:
		return objectDim
	case activity.ByIP:
		return ipDim
	case activity.ByResult:
		return resultDim
	case activity.BySource:
		return sourceDim
	case activity.ByBatch:
		return batchDim
	}
	return dim{}
}

// include adds one filter's value as an alternative.
func (c *fieldCondition) include(f activity.Filter, caller int64) {
	switch f.Field {
	case activity.ByActor:
		c.cond = c.cond.or(actorCondition(f.Value, caller).asHeld(f))
	case activity.ByLogin:
		c.cond = c.cond.or(loginCondition(f.Value))
	case activity.ByType, activity.BySource:
		c.cond = c.cond.or(named("d.name COLLATE NOCASE", f.Value))
	case activity.ByCategory:
		if len(f.Types) > 0 {
			c.cond = c.cond.or(where("d.name IN (?)", bun.List(f.Types)))
		}
	case activity.BySite:
		c.cond = c.cond.or(siteCondition(f.Value).asHeld(f))
	case activity.ByObject:
		c.kinds = append(c.kinds, f.Value)
	case activity.ByIP:
		c.cond = c.cond.or(ipCondition(f.Value))
	case activity.ByResult:
		c.ids = append(c.ids, resultID(f.Value))
	case activity.ByBatch:
		if id, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
			c.ids = append(c.ids, id)
		}
	}
}

func resultID(result string) int64 {
	switch result {
	case activity.OK:
		return 0
	case activity.Failed:
		return 1
	case activity.Denied:
		return 2
	}
	return -1
}

// named holds if the column equals the value or goes on with "/" or ":" after it.
// Both are ranges of an index: "0" follows "/", and ";" follows ":".
func named(column, value string) condition { return alternatives("", nil, column, value) }

// alternatives is named after a first condition, which is repeated: SQLite uses an
// index for each part of an OR only where every part is a plain AND.
func alternatives(first string, firstArgs []any, column, value string) condition {
	var c condition
	add := func(text string, args ...any) {
		c = c.or(where(first+column+text, append(slices.Clone(firstArgs), args...)...))
	}
	add(" = ?", value)
	add(" >= ? AND "+column+" < ?", value+"/", value+"0")
	add(" >= ? AND "+column+" < ?", value+":", value+";")
	return c
}

// actorCondition finds identities by name, by kind and name, or by the login of the
// user they are linked to; "me" are the caller's.
func actorCondition(value string, caller int64) condition {
	if value == activity.Me {
		return ownActors(activity.Scope{User: caller})
	}
	c := named("d.name", value)
	for _, kind := range []string{activity.KindUser, activity.KindOS, activity.KindService, activity.KindSystem, activity.KindAnonymous} {
		name, ok := strings.CutPrefix(value, kind+":")
		switch {
		case ok && name == "":
			c = c.or(where("d.kind = ? AND d.name = ''", kind))
		case ok:
			c = c.or(alternatives("d.kind = ? AND ", []any{kind}, "d.name", name))
		}
	}
	return c.or(where("d.user_id IN (SELECT id FROM user WHERE login_key = ?)", access.Fold(strings.TrimSpace(value))))
}

// loginCondition finds the identities linked to a user, and those of that name that
// are linked to nobody or whose user is gone.
func loginCondition(login string) condition {
	return where("d.user_id IN (SELECT id FROM user WHERE login_key = ?)", access.Fold(strings.TrimSpace(login))).
		or(where("d.name = ? AND (d.user_id IS NULL OR d.user_id NOT IN (SELECT id FROM user))", login))
}

// siteCondition finds a site by the id of one of ours, by the name it has now, or had
// when it was removed, or by one it had.
func siteCondition(value string) condition {
	c := named("d.name COLLATE NOCASE", value)
	for _, table := range []string{"measurable", "removed_site"} {
		c = c.or(where("d.measurable IN (SELECT id FROM "+table+" WHERE name = ? COLLATE NOCASE)", value))
	}
	if id, err := strconv.ParseInt(value, 10, 64); err == nil && id > 0 {
		c = c.or(where("d.measurable = ?", id))
	}
	return c
}

// ipCondition finds an address, or whole and masked addresses within a prefix.
func ipCondition(value string) condition {
	if addr, err := netip.ParseAddr(value); err == nil {
		whole := addr.As16()
		return where("d.addr = ? AND d.prefix = 128", whole[:])
	}
	prefix, err := netip.ParsePrefix(value)
	if err != nil {
		return condition{}
	}
	bits := prefix.Bits()
	if prefix.Addr().Is4() {
		bits += 96
	}
	first := prefix.Masked().Addr().As16()
	last := first
	for i := bits; i < 128; i++ {
		last[i/8] |= 0x80 >> (i % 8)
	}
	c := where("d.addr >= ? AND d.addr <= ? AND d.prefix >= ?", first[:], last[:], bits)
	if v4 := netip.MustParseAddr("::ffff:0.0.0.0"); prefix.Contains(v4) {
		// Stored in the midst of IPv6, but not of it: ::/0 is IPv6 only.
		from, to := v4.As16(), netip.MustParseAddr("::ffff:255.255.255.255").As16()
		c.text += " AND NOT d.addr BETWEEN ? AND ?"
		c.args = append(c.args, from[:], to[:])
	}
	return c
}

// objectCondition finds objects by kind, by kind and id, by id or by name. An id is
// only indexed behind its kind, so the kinds there are are asked first.
func objectCondition(ctx context.Context, db bun.IDB, values []string) (condition, error) {
	var kinds []string
	err := db.NewRaw(`WITH RECURSIVE k (kind) AS (
		SELECT min(kind) FROM object UNION ALL SELECT (SELECT min(kind) FROM object WHERE kind > k.kind) FROM k WHERE k.kind IS NOT NULL
	) SELECT kind FROM k WHERE kind IS NOT NULL`).Scan(ctx, &kinds)
	if err != nil || len(kinds) == 0 {
		return condition{}, err
	}
	var c condition
	for _, value := range values {
		c = c.or(named("d.name", value)).or(named("d.kind", value)).
			or(alternatives("d.kind IN (?) AND ", []any{bun.List(kinds)}, "d.ident", value))
		for _, kind := range kinds {
			if id, ok := strings.CutPrefix(value, kind+":"); ok && id != "" {
				c = c.or(alternatives("d.kind = ? AND ", []any{kind}, "d.ident", id))
			}
		}
	}
	return c, nil
}
