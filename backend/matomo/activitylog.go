package matomo

import (
	"cmp"
	"context"
	"iter"
	"math"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// pageSize is how many activities are held at once.
const pageSize = 500

// by reads what narrows a list of activities.
func (c *call) by(in values) (activity.By, error) {
	by := activity.By{Login: in.text("filterByUserLogin"), Type: typeOf(in.text("filterByActivityType"))}
	from, to, ok, err := span(in.text("period"), in.text("date"), c.api.options.Now())
	if err != nil || !ok {
		return by, err
	}
	by.After, by.Before = new(from.UnixMilli()), new(to.UnixMilli())
	return by, nil
}

// told says a refusal of the log's as core does.
func told(ctx context.Context, err error, login string) error {
	if p := access.From(ctx); fault.CodeOf(err) == fault.Denied && p.Role.AtLeast(access.View) {
		return notTheUser(login)
	}
	return err
}

func getEntryCount(ctx context.Context, c *call, in values) (any, error) {
	by, err := c.by(in)
	if err != nil {
		return nil, err
	}
	n, err := c.api.options.Log.CountBy(ctx, by)
	if err != nil {
		return nil, told(ctx, err, by.Login)
	}
	return n, nil
}

// getEntries lists activities, newest first: those of offset and limit, of these the
// ones that match filter_pattern, and of these those of filter_offset and filter_limit.
func getEntries(ctx context.Context, c *call, in values) (any, error) {
	by, err := c.by(in)
	if err != nil {
		return nil, err
	}
	w := window{skip: max(in.integer("offset"), 0), most: in.integer("limit")}
	if w.most < 0 {
		w.most = math.MaxInt64
	}
	if _, err := c.api.options.Log.WalkBy(ctx, by, 0); err != nil {
		return nil, told(ctx, err, by.Login)
	}
	wanted, err := c.pattern()
	if err != nil {
		return nil, err
	}
	// Without a pattern both windows are one, so that no row is read to be left out.
	s := c.shaping()
	if wanted == nil && s.first >= 0 {
		w, s.first, s.most = w.within(s.first, s.most), 0, -1
	}
	rows := &Rows{columns: wireNames()}
	// The first page is read before anything is sent, so that what is wrong is said as
	// an error. Children of a bulk request wait their turn.
	var first *reading
	if !c.child {
		if first, err = c.read(ctx, by, w); err != nil {
			return nil, err
		}
	}
	rows.size = func(sending context.Context) (int64, error) {
		first = nil // what is read from here on is no less than what is counted
		n, err := c.api.options.Log.CountBy(access.With(sending, access.From(ctx)), by)
		return min(max(n-w.skip, 0), w.most), err
	}
	rows.all = func(sending context.Context) iter.Seq2[Map, error] {
		sending = access.With(sending, access.From(ctx))
		return func(yield func(Map, error) bool) {
			now := first
			if first = nil; now == nil {
				var err error
				if now, err = c.read(sending, by, w); err != nil {
					yield(nil, err)
					return
				}
			}
			now.each(sending, yield)
		}
	}
	return s.rows(ctx, rows, wanted)
}

// A window is a piece of a list: most after skip.
type window struct{ skip, most int64 }

// within returns the piece of the window that a further one leaves; most < 0 is all.
func (w window) within(skip, most int64) window {
	skip = min(skip, w.most)
	w.skip += min(skip, math.MaxInt64-w.skip)
	w.most -= skip
	if most >= 0 {
		w.most = min(w.most, most)
	}
	return w
}

// A reading is a walk through the log that has read its first page.
type reading struct {
	c    *call
	walk *activity.Walk
	lang string
	page []activity.Stored
	left int64
}

func (c *call) read(ctx context.Context, by activity.By, w window) (*reading, error) {
	walk, err := c.api.options.Log.WalkBy(ctx, by, w.skip)
	if err != nil {
		return nil, err
	}
	r := &reading{c: c, walk: walk, lang: c.api.options.Log.Language(ctx), left: w.most}
	return r, r.next(ctx)
}

// next reads a page. A slow reader may take hours: who was signed out, or whose token
// has ended, gets no more.
func (r *reading) next(ctx context.Context) (err error) {
	r.page = nil
	if r.left <= 0 {
		return nil
	}
	if _, err := r.c.api.options.Accounts.Still(ctx, access.From(ctx)); err != nil {
		return err
	}
	r.page, err = r.walk.Next(ctx, int(min(r.left, pageSize)))
	r.left -= int64(len(r.page))
	return err
}

func (r *reading) each(ctx context.Context, yield func(Map, error) bool) {
	for len(r.page) > 0 {
		for _, row := range r.page {
			if !yield(entry(r.c.api.options.Log.View(row, r.lang), row, r.c.table), nil) {
				return
			}
		}
		if err := r.next(ctx); err != nil {
			yield(nil, err)
			return
		}
	}
}

// getAllActivityTypes lists the types in the caller's language, grouped by category.
func getAllActivityTypes(ctx context.Context, c *call, in values) (any, error) {
	types, err := c.api.options.Log.Types(ctx, activity.TypesIn{})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(types.Types, func(a, b activity.TypeInfo) int {
		return cmp.Or(cmp.Compare(a.CategoryLabel, b.CategoryLabel), cmp.Compare(a.Label, b.Label), cmp.Compare(a.ID, b.ID))
	})
	if most := in.integer("filterLimit"); most >= 0 && most < int64(len(types.Types)) {
		types.Types = types.Types[:most]
	}
	list := List{}
	for _, t := range types.Types {
		list = append(list, Map{{"group", t.CategoryLabel}, {"key", wireType(t.ID)}, {"value", t.Label}})
	}
	return list, nil
}
