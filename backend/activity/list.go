package activity

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// List returns a page of what the query matches, newest first unless asked
// otherwise. Errors: unauthenticated, denied, invalid (query, cursor, at, zone, limit,
// order), internal (a stored body cannot be read), unavailable.
func (s *Service) List(ctx context.Context, in ListIn) (Page, error) {
	rows, page, err := s.Rows(ctx, in)
	if err != nil {
		return Page{}, err
	}
	lang := s.language(ctx, access.From(ctx))
	for _, row := range rows {
		page.Items = append(page.Items, s.View(row, lang))
	}
	return page, nil
}

// Rows is List before its rows are put into words; Items stays empty.
func (s *Service) Rows(ctx context.Context, in ListIn) ([]Stored, Page, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return nil, Page{}, err
	}
	sel, zone, err := s.selection(p, in.Query, in.Zone)
	if err != nil {
		return nil, Page{}, err
	}
	seek, err := seekOf(in, sel.Query, zone)
	if err != nil {
		return nil, Page{}, err
	}
	limit := seek.Limit
	seek.Limit++
	rows, err := s.store.Select(ctx, sel, seek)
	if err != nil {
		return nil, Page{}, err
	}
	more := len(rows) > limit
	if more && seek.Backward {
		rows = rows[len(rows)-limit:]
	} else if more {
		rows = rows[:limit]
	}
	page := Page{Items: []Activity{}}
	if len(rows) > 0 {
		first, last := rows[0].Key, rows[len(rows)-1].Key
		page.Previous = new(NewCursor(sel.Query, zone, seek.Oldest, true, first).String())
		if more || seek.Backward {
			page.Next = new(NewCursor(sel.Query, zone, seek.Oldest, false, last).String())
		}
	}
	return rows, page, nil
}

func seekOf(in ListIn, q Query, zone string) (Seek, error) {
	seek := Seek{Limit: in.Limit, At: in.At}
	switch in.Order {
	case "", "newest":
	case "oldest":
		seek.Oldest = true
	default:
		return seek, fault.At("order", "order must be newest or oldest, not %q.", clip(in.Order))
	}
	if seek.Limit == 0 {
		seek.Limit = DefaultLimit
	}
	if seek.Limit < 1 || seek.Limit > MaxLimit {
		return seek, fault.At("limit", "limit must lie between 1 and %d.", MaxLimit)
	}
	if in.Cursor == "" {
		return seek, nil
	}
	if in.At != nil {
		return seek, fault.At("at", "Give at or cursor, not both.")
	}
	cursor, err := ParseCursor(in.Cursor, q, zone, seek.Oldest)
	if err != nil {
		return seek, err
	}
	seek.From, seek.Backward = &cursor.Key, cursor.Backward
	return seek, nil
}
