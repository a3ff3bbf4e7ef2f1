package widget

import (
	"context"
	"slices"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// ChangeWidget changes a widget of the caller, or anybody's for a super user. The pages
// that show it need not change. Errors: as CreateWidget; not_found.
func (s *Service) ChangeWidget(ctx context.Context, in ChangeIn) (Widget, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Widget{}, err
	}
	if err := s.check(ctx, p, in); err != nil {
		return Widget{}, err
	}
	var shown Widget
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := find(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		b := s.about(p, "WidgetChanged", r)
		was := r.Everybody
		if b.Changes, err = r.change(in); err != nil {
			return err
		}
		if r.Everybody && !was {
			if err := mayShowEverybody(ctx, tx, r); err != nil {
				return err
			}
		}
		if len(b.Changes) > 0 {
			if err := tx.PutWidget(ctx, r); err != nil {
				return err
			}
			if _, err := tx.Record(ctx, b); err != nil {
				return err
			}
		}
		shown, err = s.show(ctx, tx, r)
		return err
	})
	return shown, failed(err)
}

// mayShowEverybody refuses what the widget could not show anyway.
func mayShowEverybody(ctx context.Context, v Shelf, r Record) error {
	token, _, err := v.TokenByID(ctx, r.Token)
	if err == nil && token.Role() != access.Super {
		err = fault.New(fault.Denied, "Only the widget of a super user shows everybody's activity. Make one of your own.").Blame("everybody")
	}
	return err
}

// RemoveWidget removes a widget of the caller, or anybody's for a super user, and
// revokes its token. Errors: unauthenticated, denied, not_found.
func (s *Service) RemoveWidget(ctx context.Context, in RemoveIn) (Removed, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Removed{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := find(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		if err := s.accounts.EndToken(ctx, tx, p, r.Token); err != nil {
			return err
		}
		if err := tx.DropWidget(ctx, r.ID); err != nil {
			return err
		}
		_, err = tx.Record(ctx, s.about(p, "WidgetRemoved", r))
		return err
	})
	return Removed{}, failed(err)
}

// RenewWidget gives a widget another token and revokes the one before, for a widget of
// the caller, or anybody's for a super user. The secret is in the answer and nowhere
// else. Errors: unauthenticated, denied, not_found, invalid (field expiresAt).
func (s *Service) RenewWidget(ctx context.Context, in RenewIn) (Made, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Made{}, err
	}
	var made Made
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := find(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		if err := s.accounts.EndToken(ctx, tx, p, r.Token); err != nil {
			return err
		}
		made, err = s.bind(ctx, tx, p, r, in.ExpiresAt)
		return err
	})
	return made, failed(err)
}

// check refuses what cannot be stored, as far as that takes no look at the widget.
func (s *Service) check(ctx context.Context, p access.Principal, in ChangeIn) error {
	if in.Everybody != nil && *in.Everybody && !p.SeesAll() {
		return fault.New(fault.Denied, "Only the widget of a super user shows everybody's activity.").Blame("everybody")
	}
	if in.Query == nil {
		return nil
	}
	if len(*in.Query) > maxQuery {
		return fault.At("query", "The query of a widget may have %d bytes.", maxQuery)
	}
	_, err := s.log.List(ctx, activity.ListIn{Query: *in.Query, Limit: 1})
	return err
}

// change takes over what is asked for and says what became another value.
func (r *Record) change(in ChangeIn) ([]activity.Change, error) {
	before := *r
	if in.Name != nil {
		r.Name = strings.TrimSpace(*in.Name)
		if r.Name == "" {
			return nil, fault.At("name", "Give the widget a name: it is shown above its rows.")
		}
		if err := account.CheckLine("name", "name", r.Name, maxName); err != nil {
			return nil, err
		}
	}
	if in.Query != nil {
		r.Query = strings.TrimSpace(*in.Query)
	}
	if in.Ancestors != nil {
		list, err := Ancestors(*in.Ancestors)
		if err != nil {
			return nil, err
		}
		r.Ancestors = list
	}
	if in.Theme != nil {
		if r.Theme = *in.Theme; !slices.Contains([]string{"auto", "light", "dark"}, r.Theme) {
			return nil, fault.At("theme", "The theme is auto, light or dark, not %q.", shorten(r.Theme))
		}
	}
	if in.Limit != nil {
		if r.Limit = *in.Limit; r.Limit < 1 || r.Limit > MaxLimit {
			return nil, fault.At("limit", "limit must lie between 1 and %d.", MaxLimit)
		}
	}
	if in.Everybody != nil {
		r.Everybody = *in.Everybody
	}
	changes := []activity.Change{}
	note := func(field string, same bool, from, to any) {
		if !same {
			changes = append(changes, account.Changed(field, from, to))
		}
	}
	note("name", r.Name == before.Name, before.Name, r.Name)
	note("query", r.Query == before.Query, before.Query, r.Query)
	note("ancestors", slices.Equal(r.Ancestors, before.Ancestors), before.Ancestors, r.Ancestors)
	note("theme", r.Theme == before.Theme, before.Theme, r.Theme)
	note("limit", r.Limit == before.Limit, before.Limit, r.Limit)
	note("everybody", r.Everybody == before.Everybody, before.Everybody, r.Everybody)
	return changes, nil
}
