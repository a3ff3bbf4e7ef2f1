package sqlite

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"activitylog/backend/activity"
	"activitylog/backend/erasure"
)

// erasablePage is how many activities are read at a time: a read that stays open for
// long keeps the WAL from being emptied.
const erasablePage = 5000

func decimalOf(n int64) string { return strconv.FormatInt(n, 10) }

// samplesMost is how many activities of a kind are shown in a plan.
const samplesMost = 3

// An erasableRow is what is looked at of an activity.
type erasableRow struct {
	Key, Seq, Actor, Type, Source int64
	Object, IP, Batch             *int64
	Body                          []byte
}

// An erasableSearch goes through the log.
type erasableSearch struct {
	want    erasure.Wanted
	names   *activity.Names
	actors  map[int64]bool
	objects map[int64]bool  // rows of the dictionary that are the person
	own     map[int64]bool  // sources of what the program records itself
	ips     map[int64][]int // rows of the dictionary that are one of the texts
	lasting map[int64]string
	ownType map[int64]bool // types by which it does
	undoing map[int64]bool // imports that are being undone
	keep    map[int64]bool
	gone    bitset
	largest int64
	out     erasure.Found
	newest  map[string][]int64 // places by why, oldest first
}

// Erasable finds the activities that go, of the log as it is while they are read: what
// comes in meanwhile with an older time is found by the next search.
// Cost: a look at each activity of the log; a bit of memory for each entry. Errors: unavailable,
// internal (a stored body cannot be read).
func (db *DB) Erasable(ctx context.Context, want erasure.Wanted) (erasure.Found, error) {
	s := &erasableSearch{
		want: want, names: activity.NewNames(want.Texts), actors: map[int64]bool{}, keep: map[int64]bool{}, largest: -1,
		newest: map[string][]int64{}, out: erasure.Found{Names: make([]erasure.FoundName, len(want.Texts)), Lasting: map[string]erasure.FoundLasting{}},
	}
	for _, id := range want.Identities {
		s.actors[id] = true
	}
	for _, seq := range want.Keep {
		s.keep[seq] = true
	}
	if err := s.prepare(ctx, db.Read()); err != nil {
		return s.out, translate(err)
	}
	err := db.eachErasable(ctx, want.Places, s.look)
	s.finish()
	return s.out, translate(err)
}

// eachErasable reads the activities of these places, or of the whole log, by time.
func (db *DB) eachErasable(ctx context.Context, places []int64, fn func(*erasableRow) error) error {
	const columns = "a.key, a.seq, a.actor, a.type, a.source, a.object, a.ip, a.batch, a.body"
	if places != nil {
		var rows []erasableRow
		err := db.Read().NewSelect().TableExpr("activity AS a").ColumnExpr(columns).Where("a.seq IN (?)", bun.List(places)).OrderExpr("a.key").Scan(ctx, &rows)
		for i := 0; i < len(rows) && err == nil; i++ {
			err = fn(&rows[i])
		}
		return err
	}
	after := int64(math.MinInt64)
	for {
		n, last, err := db.erasablePage(ctx, "SELECT "+columns+" FROM activity AS a WHERE a.key > ? ORDER BY a.key LIMIT ?", after, fn)
		if err != nil || n < erasablePage {
			return err
		}
		after = last
	}
}

// erasablePage reads some activities after a key and returns how many, and the last one's.
func (db *DB) erasablePage(ctx context.Context, query string, after int64, fn func(*erasableRow) error) (n int, last int64, err error) {
	rows, err := db.read.QueryContext(ctx, query, after, erasablePage)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var r erasableRow
		err := rows.Scan(&r.Key, &r.Seq, &r.Actor, &r.Type, &r.Source, &r.Object, &r.IP, &r.Batch, &r.Body)
		if err == nil {
			err = fn(&r)
		}
		if err != nil {
			return 0, 0, err
		}
		n, last = n+1, r.Key
	}
	return n, last, rows.Err()
}

// prepare looks up what the rows are held against.
func (s *erasableSearch) prepare(ctx context.Context, db bun.IDB) (err error) {
	if s.own, err = idSet(ctx, db.NewSelect().TableExpr("source").ColumnExpr("id").Where("name IN ("+ownSources+")")); err != nil {
		return err
	}
	if s.undoing, err = idSet(ctx, db.NewSelect().TableExpr("batch").ColumnExpr("id").Where("state = ?", activity.BatchUndoing)); err != nil {
		return err
	}
	s.lasting = map[int64]string{}
	var types []struct {
		ID   int64
		Name string
	}
	if err := db.NewSelect().TableExpr("type").ColumnExpr("id, name").Where("name IN ("+neverErased+")").Scan(ctx, &types); err != nil {
		return err
	}
	for _, t := range types {
		s.lasting[t.ID] = t.Name
	}
	identities := make([]string, 0, len(s.want.Identities))
	for _, id := range s.want.Identities {
		identities = append(identities, decimalOf(id))
	}
	if s.ownType, err = idSet(ctx, db.NewSelect().TableExpr("type").ColumnExpr("id").Where("name IN (?)", bun.List(s.want.Own))); err != nil {
		return err
	}
	user := ""
	if s.want.UserID != 0 {
		user = decimalOf(s.want.UserID)
	}
	objects := db.NewSelect().TableExpr("object").ColumnExpr("id").Where("kind = 'user' AND ident = ? AND ident <> ''", user)
	if len(identities) > 0 {
		objects = objects.WhereOr("kind = 'actor' AND ident IN (?)", bun.List(identities))
	}
	if s.objects, err = idSet(ctx, objects); err != nil {
		return err
	}
	return s.prepareAddresses(ctx, db)
}

func (s *erasableSearch) prepareAddresses(ctx context.Context, db bun.IDB) error {
	s.ips = map[int64][]int{}
	for i, text := range s.want.Texts {
		p, err := parseIP(&text)
		if err != nil || p.Bits() != 128 {
			continue
		}
		addr := p.Addr().As16()
		var ids []int64
		if err := db.NewSelect().TableExpr("ip").ColumnExpr("id").Where("addr = ? AND prefix = 128", addr[:]).Scan(ctx, &ids); err != nil {
			return err
		}
		for _, id := range ids {
			s.ips[id] = append(s.ips[id], i)
		}
	}
	return nil
}

func idSet(ctx context.Context, q *bun.SelectQuery) (map[int64]bool, error) {
	var ids []int64
	set := map[int64]bool{}
	err := q.Scan(ctx, &ids)
	for _, id := range ids {
		set[id] = true
	}
	return set, err
}

// look decides about one activity.
func (s *erasableSearch) look(r *erasableRow) error {
	if s.want.Places != nil {
		s.decide(r, "chosen", nil)
		return nil
	}
	if s.actors[r.Actor] {
		var hits []int
		if s.lasts(r) != "" {
			var err error
			if hits, err = s.hits(r); err != nil {
				return err
			}
		}
		s.decide(r, "by", hits)
		return nil
	}
	hits, err := s.hits(r)
	switch {
	case err != nil:
		return err
	case r.Object != nil && s.objects[*r.Object] && s.own[r.Source] && s.ownType[r.Type]:
		s.decide(r, "about", hits)
	case len(hits) > 0:
		s.decide(r, "naming", hits)
	}
	return nil
}

// hits returns which of the texts an activity has.
func (s *erasableSearch) hits(r *erasableRow) ([]int, error) {
	hits, err := s.names.In(r.Body)
	if err == nil && r.IP != nil {
		for _, i := range s.ips[*r.IP] {
			if !slices.Contains(hits, i) {
				hits = append(hits, i)
			}
		}
	}
	return hits, err
}

// lasts returns the type of an activity that is never erased, else "".
func (s *erasableSearch) lasts(r *erasableRow) string {
	if !s.own[r.Source] {
		return ""
	}
	return s.lasting[r.Type]
}

func (s *erasableSearch) decide(r *erasableRow, why string, hits []int) {
	if name := s.lasts(r); name != "" {
		l := s.out.Lasting[name]
		l.N, l.Names = l.N+1, l.Names || len(hits) > 0
		s.out.Lasting[name] = l
		return
	}
	if why == "naming" && !s.counts(r.Seq, hits) || s.keep[r.Seq] && (why == "about" || why == "naming") {
		return
	}
	switch why {
	case "by":
		s.out.By++
	case "about":
		s.out.About++
	case "naming":
		s.out.Naming++
	}
	if s.out.Total == 0 {
		s.out.Oldest = r.Key >> keyBits
	}
	s.out.Newest = r.Key >> keyBits
	s.out.Total++
	if r.Batch != nil && s.undoing[*r.Batch] {
		s.out.Undoing++
	}
	s.gone.set(r.Seq)
	s.largest = max(s.largest, r.Seq)
	s.newest[why] = newestOf(s.newest[why], r.Seq, 2*samplesMost)
}

// counts notes which texts are in what others did, and whether any of these counts.
func (s *erasableSearch) counts(seq int64, hits []int) (any bool) {
	for _, i := range hits {
		n := &s.out.Names[i]
		n.N++
		n.Samples = newestOf(n.Samples, seq, samplesMost)
		any = any || s.want.Without == nil || !s.want.Without[i]
	}
	return any
}

// newestOf adds a place to the last few.
func newestOf(places []int64, seq int64, most int) []int64 {
	if places = append(places, seq); len(places) > most {
		places = places[1:]
	}
	return places
}

func (s *erasableSearch) finish() {
	for seq := int64(0); seq <= s.largest; seq++ {
		if s.gone.has(seq) {
			s.out.Runs = activity.AddPlace(s.out.Runs, seq)
		}
	}
	for i := range s.out.Names {
		slices.Reverse(s.out.Names[i].Samples)
	}
	for _, why := range []string{"chosen", "by", "about", "naming"} {
		for _, seq := range slices.Backward(s.newest[why]) {
			s.out.Samples = append(s.out.Samples, erasure.FoundSample{Place: seq, Why: why})
		}
	}
}
