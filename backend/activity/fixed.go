package activity

import (
	"reflect"
	"slices"
	"time"

	"activitylog/backend/fault"
)

// Fixed reads a query that is to mean the same whenever it is asked, and whoever asks: for
// what must not be erased. Errors: invalid (field query, with the place: also dates that
// move, such as last:7d, and me; field zone).
func (s *Service) Fixed(text, zone string) (Query, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return Query{}, fault.At("zone", "There is no time zone %q. Use a name like Europe/Berlin.", clip(zone))
	}
	now := s.options.Now()
	q, err := ParseQuery(text, ParseOptions{Now: now, Zone: loc, Categories: s.catalog.CategoryTypes})
	if err != nil {
		return q, err
	}
	later, err := ParseQuery(text, ParseOptions{Now: now.AddDate(3, 1, 1).Add(time.Hour), Zone: loc, Categories: s.catalog.CategoryTypes})
	if err != nil || !reflect.DeepEqual(q, later) {
		return q, fault.At("query", "This needs dates that stay, such as after:2026-01-01: last:, today and yesterday move on.")
	}
	for _, f := range q.Filters {
		if f.Field == ByActor && f.Value == Me {
			return q, fault.At("query", "This needs a name in place of me: it must mean the same whoever looks at it.")
		}
	}
	return q, nil
}

// AsHeld returns the query of a view under legal hold: it matches all that it would match
// with its names meaning what they mean now, or what they meant when the hold was set and
// what has come to those accounts and sites since, each name for itself.
func (q Query) AsHeld(view int64) Query {
	q.Filters = slices.Clone(q.Filters)
	for i := range q.Filters {
		q.Filters[i].Held = view
	}
	return q
}
