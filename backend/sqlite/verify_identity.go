package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"activitylog/backend/ledger"
)

// A foreignName is an identity of another source.
type foreignName struct{ kind, source, name string }

// identities replays who was linked to whom: ActorLinked links an identity to a user
// or takes the link away, UserRemoved takes away all links to the user. The table
// must say the same. Our own users' rows are held against the bodies instead.
func (v *verification) identities(ctx context.Context, conn fullConn) error {
	if v.off["identity"] {
		return nil
	}
	return each(ctx, conn, func(s *scan) error {
		id, _ := s.int(0)
		who := foreignName{s.text(1), s.text(2), s.text(3)}
		have, _ := s.int(4)
		want, linked := v.links[who]
		if !linked {
			want = none
		}
		if have != want {
			v.add(ledger.KindIdentity, "actor", "user_id", "Actor %d (%s) is linked to %s; the log says %s.", id, shown(who.name), userText(have), userText(want))
		}
		return nil
	}, "SELECT id, kind, source, name, user_id FROM actor WHERE source <> 'self'")
}

// referLinked notes that an identity which was ever linked may stand in the table, also
// after the last activity by it was erased: ActorLinked names it.
func (v *verification) referLinked(ctx context.Context, conn fullConn) error {
	named := map[foreignName]bool{}
	v.links = v.replay(named)
	return each(ctx, conn, func(s *scan) error {
		if id, _ := s.int(0); named[foreignName{s.text(1), s.text(2), s.text(3)}] {
			v.rows.dicts[dictActor].refer(id)
		}
		return nil
	}, "SELECT id, kind, source, name FROM actor WHERE source <> 'self'")
}

func userText(id int64) string {
	if id == none {
		return "nobody"
	}
	return fmt.Sprintf("user %d", id)
}

// replay returns whom each identity is linked to after the last entry, and puts those
// that were ever linked into named.
func (v *verification) replay(named map[foreignName]bool) map[foreignName]int64 {
	links := map[foreignName]int64{}
	kept := v.rows.kept
	slices.SortFunc(kept, func(a, b keptBody) int { return cmp.Compare(a.seq, b.seq) })
	for _, k := range kept {
		switch k.body.Type {
		case "ActorLinked":
			var p struct {
				Actor  struct{ Kind, Source, Name string }
				User   struct{ ID string }
				Linked bool
			}
			if json.Unmarshal(k.body.Parameters, &p) != nil {
				continue
			}
			who := foreignName{p.Actor.Kind, p.Actor.Source, p.Actor.Name}
			delete(links, who)
			named[who] = true
			if user, err := strconv.ParseInt(p.User.ID, 10, 64); err == nil && p.Linked {
				links[who] = user
			}
		case "UserRemoved":
			if k.body.Object == nil {
				continue
			}
			for who, user := range links {
				if strconv.FormatInt(user, 10) == k.body.Object.ID {
					delete(links, who)
				}
			}
		}
	}
	return links
}
