package sqlite

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// maxSearch bounds the bytes of a text to search for: SQLite refuses long patterns.
const maxSearch = 1024

// actorRow is an identity with how often it acted.
type actorRow struct {
	ID     int64
	Kind   string
	Source string
	Name   string
	UserID *int64
	Label  string
	N      int64
}

// Actors returns identities within the scope whose name, or whose linked user's
// login or shown name, contains the text: those of users of this log first, then
// those that begin with it, then by name. It costs a walk over the dictionary, and
// 0.1 µs for each quarter of an hour in which one of them acted.
// Errors: invalid (search), unavailable.
func (db *DB) Actors(ctx context.Context, scope activity.Scope, search string, limit int) ([]activity.ActorInfo, error) {
	if len(search) > maxSearch {
		return nil, fault.At("search", "The text to search for must have at most %d bytes.", maxSearch)
	}
	if !searchable(search) {
		return nil, fault.At("search", "The text to search for must be valid UTF-8 without NUL.")
	}
	list := []activity.ActorInfo{}
	if limit < 1 || !scope.All && scope.User == 0 {
		return list, nil
	}
	var rows []actorRow
	err := db.reading(ctx, func(tx bun.Tx) error {
		if err := actorsQuery(tx, scope, search, limit).Scan(ctx, &rows); err != nil {
			return err
		}
		fresh, err := uncountedRows(ctx, tx)
		more := map[int64]int64{}
		for _, u := range fresh {
			more[u.Actor]++
		}
		for i := range rows {
			rows[i].N += more[rows[i].ID]
		}
		return err
	})
	for _, row := range rows {
		list = append(list, activity.ActorInfo{Actor: row.actor(), N: row.N})
	}
	return list, err
}

func actorsQuery(db bun.IDB, scope activity.Scope, search string, limit int) *bun.SelectQuery {
	chosen := db.NewSelect().TableExpr("actor AS d").Join("LEFT JOIN user AS u ON u.id = d.user_id").
		ColumnExpr("d.id, d.kind, d.source, d.name, d.user_id, "+labelOfUser+" AS label").
		ColumnExpr("row_number() OVER (ORDER BY d.user_id IS NULL, NOT d.name LIKE ? ESCAPE '!', d.name COLLATE NOCASE, d.id) AS place", likePrefix(search)).
		OrderExpr("place").Limit(int64(limit))
	if !scope.All {
		own := ownActors(scope)
		chosen = chosen.Where(own.text, own.args...)
	}
	if search != "" {
		like := "%" + likePrefix(search)
		chosen = chosen.Where("d.name LIKE ?0 ESCAPE '!' OR u.login LIKE ?0 ESCAPE '!' OR u.name LIKE ?0 ESCAPE '!'", like)
	}
	// Only the chosen ones are counted.
	return db.NewSelect().TableExpr("(?) AS c", chosen).ColumnExpr("c.*").
		ColumnExpr("(SELECT coalesce(sum(s.n), 0) FROM slot_actor AS s WHERE s.actor = c.id) AS n").OrderExpr("c.place")
}

// likePrefix returns the LIKE pattern, with the escape "!", of what begins with text.
func likePrefix(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text) + "%"
}

// searchable reports whether text may stand in an SQL text.
func searchable(text string) bool {
	return utf8.ValidString(text) && !strings.Contains(text, "\x00")
}

func (r actorRow) actor() activity.Actor {
	a := activity.Actor{ID: strconv.FormatInt(r.ID, 10), Kind: r.Kind, Source: r.Source, Name: r.Name, Label: r.Label}
	if r.UserID != nil {
		user := strconv.FormatInt(*r.UserID, 10)
		a.User = &user
	}
	if a.Label == "" {
		a.Label = a.Name
	}
	return a
}

// TypeNames returns the types seen within the scope, by name. It costs a look-up for
// each type and identity of the scope. Errors: unavailable.
func (db *DB) TypeNames(ctx context.Context, scope activity.Scope) ([]string, error) {
	names := []string{}
	if !scope.All && scope.User == 0 {
		return names, nil
	}
	err := db.reading(ctx, func(tx bun.Tx) error {
		q := tx.NewSelect().TableExpr("type AS t").ColumnExpr("t.name").OrderExpr("t.name")
		if !scope.All {
			var own []int64
			cond := ownActors(scope)
			err := tx.NewSelect().ColumnExpr("d.id").TableExpr("actor AS d").Where(cond.text, cond.args...).Scan(ctx, &own)
			if err != nil {
				return err
			}
			q = q.Where("EXISTS (SELECT 1 FROM slot_actor_type AS s WHERE s.actor IN (?0) AND s.type = t.id AND s.n > 0) OR t.id IN (SELECT a.type FROM activity AS a WHERE "+notCounted+" AND a.actor IN (?0))", bun.List(own))
		}
		return q.Scan(ctx, &names)
	})
	return names, err
}
