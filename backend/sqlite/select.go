package sqlite

import (
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

var _ activity.Store = (*DB)(nil)

// reading runs a read in one short transaction, so that its statements see one
// state of the log.
func (db *DB) reading(ctx context.Context, read func(tx bun.Tx) error) error {
	err := db.Read().RunInTx(ctx, &sql.TxOptions{ReadOnly: true}, func(_ context.Context, tx bun.Tx) error {
		return read(tx)
	})
	return translate(err)
}

// within limits a query to keys, from inclusive, to exclusive.
func (m matcher) within(q *bun.SelectQuery, key string, from, to int64) *bun.SelectQuery {
	if from != math.MinInt64 {
		q = q.Where(key+" >= ?", from)
	}
	if to != math.MaxInt64 {
		q = q.Where(key+" < ?", to)
	}
	return q
}

// rows returns the query for the matching rows with keys in a range, and the name
// of the key in it. It starts from the words index if that answers any of it, from
// the address index if few rows have the address, otherwise from the activities in
// the order of time.
func (m matcher) rows(db bun.IDB, from, to int64) (q *bun.SelectQuery, key string) {
	expression := m.expression()
	switch {
	case m.byIP:
		q, key = m.indexed(db)
		q = m.columns(q, true)
		if text := m.onlyText(); text != "" {
			q = q.Where(hasText, text)
		}
	case expression != "":
		// Only what is in the log is shown, whatever the index says.
		key = "w.rowid"
		q = db.NewSelect().TableExpr("words AS w CROSS JOIN activity AS a ON a.key = w.rowid").Where("w.words MATCH ?", expression)
		q = m.columns(q, false)
	default:
		key = "a.key"
		q = m.columns(db.NewSelect().TableExpr("activity AS a"), false)
	}
	return m.within(q, key, from, to), key
}

// hasText holds for an activity a that the words index finds by an expression.
const hasText = "EXISTS (SELECT 1 FROM words AS w WHERE w.rowid = a.key AND w.words MATCH ?)"

// indexed returns the query for what [matcher.rows] starts from alone, and its key.
func (m matcher) indexed(db bun.IDB) (q *bun.SelectQuery, key string) {
	expression := m.expression()
	switch {
	case m.byIP:
		q = db.NewSelect().TableExpr("activity AS a INDEXED BY activity_ip")
		for _, g := range m.groups {
			if g.dim == ipDim && !g.negated {
				q = q.Where("a.ip IN (?)", bun.List(g.ids))
			}
		}
		return q, "a.key"
	case expression != "":
		return db.NewSelect().TableExpr("words AS w").Where("w.words MATCH ?", expression), "w.rowid"
	}
	return db.NewSelect().TableExpr("activity AS a"), "a.key"
}

// keys returns the query for the first matching keys of a range from either end.
func (m matcher) keys(db bun.IDB, from, to int64, newest bool, limit int) *bun.SelectQuery {
	q, key := m.rows(db, from, to)
	return q.ColumnExpr(key + " AS key").OrderExpr(key + direction(newest)).Limit(int64(limit))
}

func direction(newest bool) string {
	if newest {
		return " DESC"
	}
	return " ASC"
}

// Select returns a page of what the selection matches, in the order of the page.
// It costs about 10 µs a row and a few for each step in an index; a page far down
// costs what the first one does. A value that stands for more than 2,000 of the
// dictionary (an object's kind, say) is looked for row by row. A prefix costs some
// milliseconds; one that very many words begin with (a*), but few activities have, about
// a microsecond for each of those.
// Errors: internal (a stored body cannot be read), unavailable.
func (db *DB) Select(ctx context.Context, sel activity.Selection, seek activity.Seek) ([]activity.Stored, error) {
	if seek.Limit < 1 {
		return []activity.Stored{}, nil
	}
	var rows []storedRow
	err := db.reading(ctx, func(tx bun.Tx) error {
		m, err := compile(ctx, tx, sel)
		if err != nil || m.empty {
			return err
		}
		from, to, newest := m.window(seek)
		if from >= to {
			return nil
		}
		keys, err := m.page(ctx, tx, from, to, newest, seek.Limit)
		if err != nil {
			return err
		}
		return storedQuery(tx, keys, newest).Scan(ctx, &rows)
	})
	if err != nil {
		return nil, err
	}
	if seek.Backward {
		slices.Reverse(rows)
	}
	page := make([]activity.Stored, len(rows))
	for i, row := range rows {
		if page[i], err = row.stored(); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// page returns the query for the keys of a page.
func (m matcher) page(ctx context.Context, db bun.IDB, from, to int64, newest bool, limit int) (*bun.SelectQuery, error) {
	keys, done, err := m.lookThrough(ctx, db, from, to, newest, limit)
	if err == nil && !done {
		keys, done, err = m.nearby(ctx, db, from, to, newest, limit)
	}
	if err != nil || !done {
		return m.keys(db, from, to, newest, limit), err
	}
	return db.NewSelect().ColumnExpr("a.key AS key").TableExpr("activity AS a").Where("a.key IN (?)", bun.List(keys)), nil
}

// nearby returns the keys of a page that is full of what lies next to its start; else
// done is false. A list in the words index is walked from its end, slower backwards: half
// way down one of 3 million rows took 8 ms, where a few hundred activities hold the
// page. The list of a rare value is short, and what is nearby has little of it.
func (m matcher) nearby(ctx context.Context, db bun.IDB, from, to int64, newest bool, limit int) (keys []int64, done bool, err error) {
	fromEnd := newest && to == math.MaxInt64 || !newest && from == math.MinInt64
	if fromEnd || m.byIP || m.isWide() || m.anchor != nil || m.expression() == "" || len(m.words) > 0 && !newest {
		return nil, false, nil
	}
	if rare, err := m.rare(ctx, db, bounds.nearRows); err != nil || rare != nil {
		return nil, false, err
	}
	span := bounds.span
	if len(m.words) > 0 {
		span = bounds.wordsSpan
	}
	var far []int64
	next := m.within(db.NewSelect().TableExpr("activity AS a").ColumnExpr("a.key"), "a.key", from, to)
	err = next.OrderExpr("a.key"+direction(newest)).Limit(1).Offset(span*int64(limit)).Scan(ctx, &far)
	if err != nil {
		return nil, false, err
	}
	if len(far) > 0 && newest {
		from = far[0]
	} else if len(far) > 0 {
		to = far[0]
	}
	if err := m.scan(db, from, to, newest).Limit(int64(limit)).Scan(ctx, &keys); err != nil {
		return nil, false, err
	}
	if len(keys) < limit && len(far) > 0 {
		return nil, false, nil
	}
	return keys, true, nil
}

// scan returns the query for all matching keys of a small range.
func (m matcher) scan(db bun.IDB, from, to int64, newest bool) *bun.SelectQuery {
	if len(m.words) > 0 {
		q, key := m.rows(db, from, to)
		// The plus has the index walked forwards, and its rows sorted.
		return q.ColumnExpr(key + " AS key").OrderExpr("+" + key + direction(newest))
	}
	q := m.columns(db.NewSelect().TableExpr("activity AS a").ColumnExpr("a.key AS key"), true)
	return m.within(q, "a.key", from, to).OrderExpr("a.key" + direction(newest))
}

// window narrows the keys to those that may be on the page, and says from which end
// they are read.
func (m matcher) window(seek activity.Seek) (from, to int64, newest bool) {
	from, to = m.from, m.to
	newest = seek.Oldest == seek.Backward
	var edge int64 // what is read starts at it: below it, or from it on
	switch {
	case seek.From != nil && newest:
		edge = int64(*seek.From)
	case seek.From != nil && int64(*seek.From) == math.MaxInt64:
		return 0, 0, newest
	case seek.From != nil:
		edge = int64(*seek.From) + 1
	case seek.At != nil && seek.Oldest:
		edge = keyAt(*seek.At)
	case seek.At != nil:
		edge = keyAfter(*seek.At)
	default:
		return from, to, newest
	}
	if newest {
		return from, min(to, edge), newest
	}
	return max(from, edge), to, newest
}

// storedRow is an activity with what belongs to it.
type storedRow struct {
	Key        int64
	Seq        int64
	RecordedAt int64
	Body       []byte
	Actor      int64
	UserID     *int64
	Login      string
	Label      string
	ReportedBy string
	Batch      *int64
	Commitment []byte
}

// storedQuery completes the rows whose keys a query returns.
func storedQuery(db bun.IDB, keys *bun.SelectQuery, newest bool) *bun.SelectQuery {
	return db.NewSelect().TableExpr("(?) AS k", keys).
		ColumnExpr("a.key, a.seq, e.recorded_at, e.commitment, a.body, a.actor, c.user_id, a.batch").
		ColumnExpr("coalesce(u.login, '') AS login, " + labelOfUser + " AS label, coalesce(t.name, '') AS reported_by").
		Join("CROSS JOIN activity AS a ON a.key = k.key").
		Join("CROSS JOIN entry AS e ON e.seq = a.seq").
		Join("LEFT JOIN actor AS c ON c.id = a.actor").
		Join("LEFT JOIN user AS u ON u.id = c.user_id").
		Join("LEFT JOIN source AS s ON s.id = a.source").
		Join("LEFT JOIN token AS t ON t.id = CASE WHEN s.name GLOB 'api:*' THEN CAST(substr(s.name, 5) AS INTEGER) END").
		OrderExpr("a.key" + direction(newest))
}

// labelOfUser is what to show of the user u an identity is linked to, or "".
const labelOfUser = "coalesce(nullif(u.name, ''), u.login, '')"

func (r storedRow) stored() (activity.Stored, error) {
	body, err := activity.DecodeBody(r.Body)
	if err != nil {
		return activity.Stored{}, fault.Wrap(err, fault.Internal,
			"The stored activity %d cannot be read. \"activitylog verify\" says whether it was altered.", r.Seq+1)
	}
	return activity.Stored{
		Key: activity.Position(r.Key), Seq: r.Seq, RecordedAt: r.RecordedAt, Body: body,
		ActorID: r.Actor, ActorUser: r.UserID, ActorLogin: r.Login, ActorLabel: r.Label, ReportedBy: r.ReportedBy, Batch: r.Batch,
	}, nil
}
