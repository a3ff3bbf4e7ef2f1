package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"activitylog/backend/activity"
	"activitylog/backend/ledger"
)

// A foreignName is an identity of another source.
type foreignName struct{ kind, source, name string }

// A replayedLink is whom an identity is linked to after some entry, and its place in the
// dictionary as that entry said.
type replayedLink struct {
	user  int64
	actor string
}

// replayedLinks are whom identities are linked to. Where the activity that said so was
// erased, the erasing one says it for the place in the dictionary alone: that row stays
// while it is linked.
type replayedLinks struct {
	byName map[foreignName]replayedLink
	byRow  map[string]int64
}

func newReplayedLinks() replayedLinks {
	return replayedLinks{byName: map[foreignName]replayedLink{}, byRow: map[string]int64{}}
}

// of returns whom a row's identity is linked to, none for nobody.
func (l replayedLinks) of(row int64, who foreignName) int64 {
	if user, ok := l.byRow[decimalOf(row)]; ok {
		return user
	}
	if link, ok := l.byName[who]; ok {
		return link.user
	}
	return none
}

// forget takes away what was said of a place in the dictionary.
func (l replayedLinks) forget(actor string) {
	delete(l.byRow, actor)
	for who, link := range l.byName {
		if link.actor == actor {
			delete(l.byName, who)
		}
	}
}

// remove takes away all links to a user.
func (l replayedLinks) remove(user string) {
	for who, link := range l.byName {
		if decimalOf(link.user) == user {
			delete(l.byName, who)
		}
	}
	for row, id := range l.byRow {
		if decimalOf(id) == user {
			delete(l.byRow, row)
		}
	}
}

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
		want := v.links.of(id, who)
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
		id, _ := s.int(0)
		if _, kept := v.links.byRow[decimalOf(id)]; kept || named[foreignName{s.text(1), s.text(2), s.text(3)}] {
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
func (v *verification) replay(named map[foreignName]bool) replayedLinks {
	links := newReplayedLinks()
	kept := v.rows.kept
	slices.SortFunc(kept, func(a, b keptBody) int { return cmp.Compare(a.seq, b.seq) })
	for _, k := range kept {
		links.next(k.body, named)
	}
	return links
}

// next replays what this log recorded of itself.
func (l replayedLinks) next(b activity.Body, named map[foreignName]bool) {
	switch b.Type {
	case "ActorLinked":
		l.said(b.Parameters, named)
	case "UserRemoved":
		if b.Object != nil {
			l.remove(b.Object.ID)
		}
	case "LogErased":
		l.kept(b.Parameters)
	}
}

// said replays an ActorLinked.
func (l replayedLinks) said(parameters json.RawMessage, named map[foreignName]bool) {
	var p linkedSaid
	if json.Unmarshal(parameters, &p) != nil {
		return
	}
	who := foreignName{p.Actor.Kind, p.Actor.Source, p.Actor.Name}
	delete(l.byRow, p.Actor.ID)
	delete(l.byName, who)
	named[who] = true
	if user, err := strconv.ParseInt(p.User.ID, 10, 64); err == nil && p.Linked {
		l.byName[who] = replayedLink{user: user, actor: p.Actor.ID}
	}
}

// kept replays what a LogErased says in place of activities that it erased.
func (l replayedLinks) kept(parameters json.RawMessage) {
	var p struct {
		Links   []keptLink
		Removed []string
	}
	if json.Unmarshal(parameters, &p) != nil {
		return
	}
	for _, link := range p.Links {
		l.forget(link.Actor)
		if link.User == nil {
			continue
		}
		if user, err := strconv.ParseInt(*link.User, 10, 64); err == nil {
			l.byRow[link.Actor] = user
		}
	}
	for _, user := range p.Removed {
		l.remove(user)
	}
}
