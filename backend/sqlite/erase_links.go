package sqlite

import (
	"context"
	"encoding/json"
	"strconv"

	"activitylog/backend/activity"
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
// It returns those identities' places.
func (w *writer) keepLinks(ctx context.Context, rows []goneRow, said *activity.Body) (actors []int64, err error) {
	links, removed := []keptLink{}, []string{}
	known := map[string]bool{}
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
		var user *int64
		if _, err := w.find(ctx, "SELECT user_id FROM actor WHERE id = ? AND source <> 'self'", []any{id}, &user); err != nil {
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
