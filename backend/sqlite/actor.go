package sqlite

import (
	"context"
	"database/sql"
	"strconv"

	"activitylog/backend/activity"
)

// Our own users' identities are found by the user, everybody else's by their name.
const (
	// IS where = would do: a parameter compared with = to the column of the partial
	// index actor_self has SQLite prepare the statement anew for each value.
	findForeign = "SELECT id, user_id FROM actor WHERE kind = ? AND source IS ? AND name = ? AND source <> 'self'"
	findSelf    = "SELECT id, user_id FROM actor WHERE kind = ? AND user_id IS ? AND name = ? AND source = 'self'"
	findUser    = "SELECT id, user_id FROM actor WHERE kind = ? AND user_id IS ? AND source = 'self' ORDER BY id DESC LIMIT 1"
	addActor    = "INSERT INTO actor (kind, source, name, user_id) VALUES (?, ?, ?, ?)"
)

const self = "self"

// links are whom foreign identities are linked to, nil for nobody.
type links map[actorKey]*string

// links returns what is known of them. A closure that was given Bun may link at any
// moment: then nothing is known before, and nothing is remembered for others.
func (w *writer) links() links {
	if w.relink {
		return links{}
	}
	if len(w.known.links) > dictMost {
		clear(w.known.links)
	}
	return w.known.links
}

// complete fills in whom a foreign identity is linked to at this moment. What a
// draft says of it does not count.
func (w *writer) complete(ctx context.Context, a *activity.BodyActor, known links) error {
	if a.Source == self {
		return nil
	}
	key := actorKey{kind: a.Kind, source: a.Source, name: nameOf(a)}
	link, ok := known[key]
	if !ok {
		var id int64
		var user sql.NullInt64
		if _, err := w.find(ctx, findForeign, []any{a.Kind, a.Source, key.name}, &id, &user); err != nil {
			return err
		}
		if user.Valid {
			link = new(strconv.FormatInt(user.Int64, 10))
		}
		known[key] = link
	}
	a.User = link
	return nil
}

// actorID returns the row of an identity, adding it if it is new. One of our own
// users without a name (where the person may have to be forgotten) is any row of it.
func (w *writer) actorID(ctx context.Context, a activity.BodyActor) (int64, error) {
	key := actorKey{kind: a.Kind, source: a.Source, name: nameOf(&a)}
	var user any
	if a.User != nil {
		n, err := permanentID("user", *a.User)
		if err != nil {
			return 0, err
		}
		user = n
		if a.Source == self {
			key.user = *a.User
		}
	}
	nameless := a.Name == nil && a.Source == self
	if n, ok := w.known.dicts.actors.ids[key]; ok && !nameless {
		return n, nil
	}
	query, args := findForeign, []any{a.Kind, a.Source, key.name}
	if nameless {
		query, args = findUser, []any{a.Kind, user}
	} else if a.Source == self {
		query, args = findSelf, []any{a.Kind, user, key.name}
	}
	var n int64
	var linked sql.NullInt64
	found, err := w.find(ctx, query, args, &n, &linked)
	if err != nil {
		return 0, err
	}
	if !found {
		if a.Source != self {
			user = nil // a link is made by a super user, never by an activity
		}
		if n, err = w.insert(ctx, addActor, a.Kind, a.Source, key.name, user); err != nil {
			return 0, err
		}
	}
	if !nameless {
		w.known.dicts.actors.put(key, n)
	}
	return n, nil
}

func nameOf(a *activity.BodyActor) string {
	if a.Name == nil {
		return ""
	}
	return *a.Name
}
