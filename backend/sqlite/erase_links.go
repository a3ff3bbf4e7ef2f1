package sqlite

import (
	"context"
	"encoding/json"
	"strconv"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// A keptLink is whom an identity is linked to, in a LogErased that took away an activity
// that said so: by their numbers, since it is never erased itself.
type keptLink struct {
	Actor string  `json:"actor"`
	User  *string `json:"user"` // null: nobody
}

// A linkedSaid are the parameters of ActorLinked that are replayed.
type linkedSaid struct {
	Actor  struct{ ID, Kind, Source, Name string }
	User   struct{ ID string }
	Linked bool
}

// keepLinks has said tell what verification would otherwise not learn any more: whom the
// identities are linked to, and which users were removed, that rows to be erased speak of.
// It returns those identities' places. Errors: conflict (the table says something else of
// a link than the log): what it says must not get into the log in that way.
func (w *writer) keepLinks(ctx context.Context, rows []goneRow, said *activity.Body) (actors []int64, err error) {
	links, removed := []keptLink{}, []string{}
	known := map[string]bool{}
	var replayed *replayedLinks
	for _, g := range rows {
		typ, body, err := w.linking(ctx, g)
		if err != nil || typ == "" {
			if err != nil {
				return nil, err
			}
			continue
		}
		if typ == "UserRemoved" {
			if body.Object != nil {
				removed = append(removed, body.Object.ID)
			}
			continue
		}
		var p linkedSaid
		if json.Unmarshal(body.Parameters, &p) != nil || known[p.Actor.ID] {
			continue
		}
		known[p.Actor.ID] = true
		id, err := strconv.ParseInt(p.Actor.ID, 10, 64)
		if err != nil {
			continue
		}
		if replayed == nil {
			if replayed, err = w.saidLinks(ctx); err != nil {
				return nil, err
			}
		}
		user, err := w.linkOf(ctx, id, replayed)
		if err != nil {
			return nil, err
		}
		link := keptLink{Actor: p.Actor.ID}
		if user != nil {
			link.User = new(decimalOf(*user))
		}
		actors, links = append(actors, id), append(links, link)
	}
	if len(links)+len(removed) == 0 {
		return nil, nil
	}
	said.Parameters, err = withParameters(said.Parameters, map[string]any{"links": links, "removed": removed})
	return actors, err
}

// saidLinks replays what the log says of links. Cost: a look at each activity that says
// something of them.
func (w *writer) saidLinks(ctx context.Context) (*replayedLinks, error) {
	links := newReplayedLinks()
	const query = `SELECT a.body FROM words AS w CROSS JOIN activity AS a ON a.key = w.rowid
		WHERE w.words MATCH 'facets : (' || (SELECT group_concat('y' || id, ' OR ') FROM type WHERE name IN ('ActorLinked', 'UserRemoved', 'LogErased')) || ')'
		AND a.source IN (SELECT id FROM source WHERE name IN (` + ownSources + `)) ORDER BY a.seq`
	err := w.each(ctx, query, nil, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		b, err := activity.DecodeBody(data)
		if err == nil {
			links.next(b, map[foreignName]bool{})
		}
		return err
	})
	return &links, err
}

// linkOf returns whom an identity is linked to, nil for nobody or where it is gone.
func (w *writer) linkOf(ctx context.Context, actor int64, replayed *replayedLinks) (user *int64, err error) {
	var who foreignName
	found, err := w.find(ctx, "SELECT kind, source, name, user_id FROM actor WHERE id = ? AND source <> 'self'", []any{actor}, &who.kind, &who.source, &who.name, &user)
	if err != nil || !found {
		return nil, err
	}
	have := int64(none)
	if user != nil {
		have = *user
	}
	if said := replayed.of(actor, who); said != have {
		return nil, fault.New(fault.Conflict, "The identity %d is linked to %s, but the log says to %s. Somebody changed the file: verify the log, and do not erase before that is settled.", actor, userText(have), userText(said))
	}
	return user, nil
}

// linksMost is how many activities that say something of links one commit erases: each is
// told again in its LogErased, which has to fit.
const linksMost = 800

// fewLinks cuts rows where there are more of them than one LogErased can tell of.
func (w *writer) fewLinks(ctx context.Context, rows []goneRow) ([]goneRow, error) {
	if len(rows) <= linksMost {
		return rows, nil
	}
	links := 0
	for i, g := range rows {
		typ, _, err := w.linking(ctx, g)
		if err != nil {
			return nil, err
		}
		if typ == "" {
			continue
		}
		if links++; links > linksMost {
			return rows[:i], nil
		}
	}
	return rows, nil
}

// linking returns the type and body of an activity that verification replays for links,
// and no type for others.
func (w *writer) linking(ctx context.Context, g goneRow) (typ string, body activity.Body, err error) {
	var data []byte
	found, err := w.find(ctx, `SELECT t.name, a.body FROM activity AS a JOIN type AS t ON t.id = a.type JOIN source AS s ON s.id = a.source
		WHERE a.key = ? AND a.seq = ? AND t.name IN ('ActorLinked', 'UserRemoved') AND s.name IN ('self', 'cli')`, []any{g.key, g.seq}, &typ, &data)
	if err != nil || !found {
		return "", body, err
	}
	body, err = activity.DecodeBody(data)
	return typ, body, err
}

func withParameters(data json.RawMessage, more map[string]any) (json.RawMessage, error) {
	all := map[string]any{}
	for name, value := range more {
		all[name] = value
	}
	var have map[string]json.RawMessage
	if err := json.Unmarshal(data, &have); err != nil {
		return nil, err
	}
	for name, value := range have {
		all[name] = value
	}
	return json.Marshal(all)
}

// dropUnlinked drops identities that are linked to nobody and have no activity.
func (w *writer) dropUnlinked(ctx context.Context, actors []int64) error {
	for _, id := range actors {
		err := w.exec(ctx, `DELETE FROM actor WHERE id = ?1 AND user_id IS NULL AND source <> 'self'
			AND NOT EXISTS (SELECT 1 FROM slot_actor WHERE actor = ?1)`, id)
		if err != nil {
			return err
		}
	}
	return nil
}
