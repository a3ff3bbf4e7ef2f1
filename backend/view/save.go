package view

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// SaveView makes a view of the caller's, or changes one that is theirs to change. One
// that is no longer shared is its maker's own again, or the caller's where its maker was
// removed. Errors: unauthenticated, denied (sharing, or changing a shared one, by
// who is no super user), not_found, invalid (name, query with the place, columns, order,
// density), conflict (field name; too many; under hold, or a rule of retention is for it).
func (s *Service) SaveView(ctx context.Context, in SaveIn) (View, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return View{}, err
	}
	if err := s.check(ctx, p, in); err != nil {
		return View{}, err
	}
	var shown View
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := s.save(ctx, tx, p, in)
		if err != nil {
			return err
		}
		if in.Pinned != nil {
			if err := s.pin(ctx, tx, p, r, *in.Pinned); err != nil {
				return err
			}
		}
		shown, err = s.showOne(ctx, tx, p, r)
		return err
	})
	return shown, failed(err)
}

// check refuses what cannot be stored, as far as that takes no look at the views.
func (s *Service) check(ctx context.Context, p access.Principal, in SaveIn) error {
	if in.Shared != nil && *in.Shared && !p.SeesAll() {
		return fault.New(fault.Denied, "Only a super user may share a view.").Blame("shared")
	}
	if in.Query == nil {
		return nil
	}
	if len(*in.Query) > maxQuery {
		return fault.At("query", "The query of a view may have %d bytes.", maxQuery)
	}
	return s.log.CheckQuery(ctx, *in.Query)
}

// save makes or changes a view and records it.
func (s *Service) save(ctx context.Context, tx Tx, p access.Principal, in SaveIn) (Record, error) {
	now := s.now().UnixMilli()
	if in.ID != "" {
		r, err := own(ctx, tx, p, in.ID)
		if err != nil {
			return r, err
		}
		return s.changeRecord(ctx, tx, p, r, in)
	}
	r := Record{User: p.UserID, Columns: activity.DefaultColumns(), Order: "newest", Version: 1, CreatedAt: now, ChangedAt: now}
	if in.Name == nil {
		in.Name = new(string)
	}
	if err := r.take(in); err != nil {
		return r, err
	}
	if err := refuse(ctx, tx, r, true); err != nil {
		return r, err
	}
	// The creation itself is nothing new to who made the view.
	r.Since = tx.Size() + 1
	var err error
	if r.ID, err = tx.AddView(ctx, r); err != nil {
		return r, err
	}
	_, err = tx.Record(ctx, s.about(p, "SegmentCreated", r, fresh(r)))
	return r, err
}

func (s *Service) changeRecord(ctx context.Context, tx Tx, p access.Principal, r Record, in SaveIn) (Record, error) {
	before := r
	if err := r.take(in); err != nil {
		return r, err
	}
	if before.Shared && !r.Shared {
		if _, there, err := tx.UserByID(ctx, r.User); err != nil {
			return r, err
		} else if !there {
			r.User = p.UserID
		}
	}
	changes := changed(before, r)
	if len(changes) == 0 {
		return before, nil
	}
	if r.Query != before.Query || r.Shared != before.Shared {
		if err := before.bound(ctx, tx, "changed in what it asks, nor made private"); err != nil {
			return r, err
		}
	}
	if r.User != before.User {
		changes = append(changes, account.Changed("owner", strconv.FormatInt(before.User, 10), strconv.FormatInt(r.User, 10)))
	}
	if err := refuse(ctx, tx, r, before.Shared != r.Shared); err != nil {
		return r, err
	}
	r.Version, r.ChangedAt = r.Version+1, s.now().UnixMilli()
	if err := tx.PutView(ctx, r); err != nil {
		return r, err
	}
	_, err := tx.Record(ctx, s.about(p, "SegmentUpdated", r, changes))
	return r, err
}

// take takes over what is asked for.
func (r *Record) take(in SaveIn) error {
	if in.Name != nil {
		r.Name = strings.TrimSpace(*in.Name)
		if err := account.CheckLine("name", "name", r.Name, maxName); err != nil {
			return err
		}
		if r.Key = access.Fold(r.Name); r.Key == "" {
			return fault.At("name", "Give the view a name: it is shown in the side bar.")
		}
	}
	if in.Query != nil {
		r.Query = strings.TrimSpace(*in.Query)
	}
	if in.Columns != nil {
		columns, err := activity.CheckColumns("columns", *in.Columns)
		if err != nil {
			return err
		}
		r.Columns = columns
	}
	if in.Order != nil {
		if r.Order = *in.Order; !slices.Contains([]string{"newest", "oldest"}, r.Order) {
			return fault.At("order", "The order is newest or oldest, not %q.", shorten(r.Order))
		}
	}
	if in.Density != nil {
		if r.Density = *in.Density; !slices.Contains([]string{"", "compact", "comfortable", "airy"}, r.Density) {
			return fault.At("density", "The density is compact, comfortable, airy, or empty for each reader's own; not %q.", shorten(r.Density))
		}
	}
	if in.Shared != nil {
		r.Shared = *in.Shared
	}
	return nil
}

// refuse says whether a view of that name is there already among those it will stand
// with, or too many of them.
func refuse(ctx context.Context, v Shelf, r Record, more bool) error {
	records, err := v.Views(ctx, r.User)
	if err != nil {
		return err
	}
	n := 0
	for _, other := range records {
		if other.ID == r.ID || other.Shared != r.Shared {
			continue
		}
		n++
		if other.Key == r.Key {
			return fault.New(fault.Conflict, "There is a view %q already. Choose another name.", other.Name).Blame("name")
		}
	}
	if more && n >= maxViews {
		return fault.New(fault.Conflict, "There are %d views already. Remove those that nobody opens.", n)
	}
	return nil
}

// RemoveView removes a view that is the caller's to change, with everybody's marks on it.
// Errors: unauthenticated, denied (a shared one, by who is no super user), not_found,
// conflict (under hold, or a rule of retention is for it).
func (s *Service) RemoveView(ctx context.Context, in RemoveIn) (Removed, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Removed{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := own(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		return s.remove(ctx, tx, p, r)
	})
	return Removed{}, failed(err)
}

func (s *Service) remove(ctx context.Context, tx Tx, p access.Principal, r Record) error {
	if err := r.bound(ctx, tx, "removed"); err != nil {
		return err
	}
	if err := tx.DropView(ctx, r.ID); err != nil {
		return err
	}
	changes := changed(r, Record{})
	for i := range changes {
		changes[i].New = account.JSON(nil)
	}
	_, err := tx.Record(ctx, s.about(p, "SegmentDeleted", r, changes))
	return err
}

// changed says what became another value.
func changed(before, after Record) []activity.Change {
	changes := []activity.Change{}
	note := func(field string, same bool, from, to any) {
		if !same {
			changes = append(changes, account.Changed(field, from, to))
		}
	}
	note("name", after.Name == before.Name, before.Name, after.Name)
	note("query", after.Query == before.Query, before.Query, after.Query)
	note("columns", slices.Equal(after.Columns, before.Columns), before.Columns, after.Columns)
	note("order", after.Order == before.Order, before.Order, after.Order)
	note("density", after.Density == before.Density, before.Density, after.Density)
	note("shared", after.Shared == before.Shared, before.Shared, after.Shared)
	return changes
}

// fresh says what a new view is.
func fresh(r Record) []activity.Change {
	return []activity.Change{
		account.Changed("name", nil, r.Name), account.Changed("query", nil, r.Query), account.Changed("columns", nil, r.Columns),
		account.Changed("order", nil, r.Order), account.Changed("density", nil, r.Density), account.Changed("shared", nil, r.Shared),
	}
}

// about returns the body of what the caller does to a view.
func (s *Service) about(p access.Principal, typ string, r Record, changes []activity.Change) activity.Body {
	b := account.Begin(p, s.now(), typ)
	id := strconv.FormatInt(r.ID, 10)
	b.Object = &activity.Object{Kind: "view", ID: id, Name: r.Name}
	params := map[string]any{"view": map[string]string{"id": id, "name": r.Name}}
	if typ != "SegmentDeleted" {
		params["definition"], params["enabledAllUsers"] = r.Query, r.Shared
	}
	b.Parameters, b.Changes = account.JSON(params), changes
	return b
}

func shorten(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
