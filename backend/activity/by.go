package activity

import (
	"context"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/fault"
)

// A By narrows for programs that name values instead of writing a query.
type By struct {
	Login  string // of a user, or the name of an actor that is linked to none; "": whomever the caller may see
	Type   string // an id, or <plugin>/<id> of a type which that plugin defines; "": any
	After  *int64 // ms, inclusive
	Before *int64 // ms, exclusive
}

// CountBy returns how many match. Errors: unauthenticated, denied (somebody else's
// login, unless the caller sees all).
func (s *Service) CountBy(ctx context.Context, by By) (int64, error) {
	sel, err := s.selectionBy(ctx, by)
	if err != nil {
		return 0, err
	}
	count, err := s.store.Count(ctx, sel, true)
	return count.N, err
}

// WalkBy returns the matches but the skip newest ones, to be read newest first. It
// costs what [Store.Skip] does. Errors: as CountBy.
func (s *Service) WalkBy(ctx context.Context, by By, skip int64) (*Walk, error) {
	sel, err := s.selectionBy(ctx, by)
	if err != nil {
		return nil, err
	}
	w := &Walk{store: s.store, sel: sel}
	if skip > 0 {
		w.from, err = s.store.Skip(ctx, sel, skip)
		w.ended = w.from == nil
	}
	return w, err
}

// selectionBy bounds what a caller asks for by what it may see.
func (s *Service) selectionBy(ctx context.Context, by By) (Selection, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Selection{}, err
	}
	sel := Selection{Scope: ScopeOf(p), Caller: p.UserID, Query: Query{After: by.After, Before: by.Before}}
	switch {
	case by.Login == "":
	case sel.Scope.All:
		sel.Query.Filters = append(sel.Query.Filters, Filter{Field: ByLogin, Value: by.Login})
	case access.Fold(by.Login) != access.Fold(p.Login):
		return Selection{}, fault.New(fault.Denied, "Only a super user may see what others did.").Blame("login")
	}
	if by.Type != "" {
		sel.Query.Filters = append(sel.Query.Filters, Filter{Field: ByCategory, Value: by.Type, Types: s.typesNamed(by.Type)})
	}
	return sel, nil
}

// typesNamed returns the types a name may mean.
func (s *Service) typesNamed(name string) []string {
	names := []string{name}
	plugin, id, split := strings.Cut(name, "/")
	for _, t := range s.catalog.Types() {
		if t.ID != name && strings.EqualFold(t.ID, name) || split && strings.EqualFold(t.Plugin, plugin) && strings.EqualFold(t.ID, id) {
			names = append(names, t.ID)
		}
	}
	return names
}

// A Walk reads matches page by page. What is recorded meanwhile is not seen, unless
// it occurred before what was read. It is not safe for concurrent use.
type Walk struct {
	store Store
	sel   Selection
	from  *Position
	ended bool
}

// Next returns up to most further matches, none at the end.
func (w *Walk) Next(ctx context.Context, most int) ([]Stored, error) {
	if w.ended {
		return nil, nil
	}
	rows, err := w.store.Select(ctx, w.sel, Seek{From: w.from, Limit: most})
	if err != nil {
		return nil, err
	}
	if w.ended = len(rows) < most; len(rows) > 0 {
		w.from = &rows[len(rows)-1].Key
	}
	return rows, nil
}
