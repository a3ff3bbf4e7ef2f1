package sqlite

import (
	"context"
	"strconv"
)

// places are an activity's places in the dictionaries; nil is none.
type places struct {
	actor, typ, source      int64
	site, object, ip, batch *int64
	result                  int
}

// placesOf looks the row's values up in the dictionaries and adds what is new.
func (w *writer) placesOf(ctx context.Context, row *draftRow, batch *int64) (f places, err error) {
	f.result, f.batch = row.result, batch
	if f.actor, err = w.actorID(ctx, row.body.Actor); err != nil {
		return f, err
	}
	if f.typ, err = w.typeID(ctx, row.body.Type); err != nil {
		return f, err
	}
	if f.source, err = w.sourceID(ctx, row.body.Source); err != nil {
		return f, err
	}
	if f.site, err = w.siteID(ctx, row.body.Site); err != nil {
		return f, err
	}
	if f.object, err = w.objectID(ctx, row.body.Object); err != nil {
		return f, err
	}
	f.ip, err = w.ipID(ctx, row.ip)
	return f, err
}

// tokens returns the text of the words table's column facets: z on every row, so
// that a negation alone can be asked, then a letter and a number for each value.
func (f places) tokens() string {
	out := append(make([]byte, 0, 48), 'z')
	add := func(letter byte, n int64) {
		out = append(out, ' ', letter)
		out = strconv.AppendInt(out, n, 10)
	}
	add('a', f.actor)
	add('y', f.typ)
	if f.site != nil {
		add('s', *f.site)
	}
	if f.object != nil {
		add('o', *f.object)
	}
	add('d', f.source)
	add('r', int64(f.result))
	if f.batch != nil {
		add('b', *f.batch)
	}
	return string(out)
}
