package site

import (
	"context"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// RemoveSite removes a site, with the access of every user to it, each recorded, and
// ends the sessions of those whose role falls with it. Its activities stay and keep its
// name, and what found them still does. With Try it only says what would go. Errors:
// unauthenticated, denied, not_found, conflict (this log itself).
func (s *Service) RemoveSite(ctx context.Context, in RemoveIn) (Removed, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Removed{}, err
	}
	if in.Try { // which keeps nobody from writing
		r, err := removable(ctx, s.store, in.ID)
		if err != nil {
			return Removed{}, failed(err)
		}
		leavers, err := s.accounts.LeaversNow(ctx, r.ID)
		return removed(r, leavers), failed(err)
	}
	var out Removed
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := removable(ctx, tx, in.ID)
		if err != nil {
			return err
		}
		leavers, err := s.accounts.Leavers(ctx, tx.Accounts(), r.ID)
		if err != nil {
			return err
		}
		out = removed(r, leavers)
		return s.remove(ctx, tx, p, r, leavers)
	})
	return out, failed(err)
}

// removable finds a site that may go. Errors: not_found, conflict.
func removable(ctx context.Context, v View, id string) (Record, error) {
	r, err := find(ctx, v, id)
	if err == nil && r.ID == thisLog {
		err = fault.New(fault.Conflict, "This site is the log itself. It cannot be removed.")
	}
	return r, err
}

// removed says what goes with a site.
func removed(r Record, leavers []account.Leaver) Removed {
	out := Removed{ID: strconv.FormatInt(r.ID, 10), Name: r.Name, Lost: []Lost{}}
	for _, l := range leavers {
		out.Lost = append(out.Lost, Lost{
			User: strconv.FormatInt(l.User.ID, 10), Login: l.User.Login, Level: l.Level, Role: string(l.After), Ends: l.After != l.Before,
		})
	}
	return out
}

func (s *Service) remove(ctx context.Context, tx Tx, p access.Principal, r Record, leavers []account.Leaver) error {
	if err := s.accounts.Leave(ctx, tx.Accounts(), p, r.Ref(), leavers); err != nil {
		return err
	}
	b := s.about(p, "MeasurableRemoved", r, nil)
	b.Changes = append(differences(r, Record{}), lostSettings(r.Settings)...)
	if err := tx.DropSite(ctx, r, s.now().UnixMilli()); err != nil {
		return err
	}
	_, err := tx.Record(ctx, b)
	return err
}

// lostSettings says which settings went that were not as they are at first.
func lostSettings(now Settings) (list []activity.Change) {
	if now.Description != "" {
		list = append(list, account.Changed("description", now.Description, nil))
	}
	if now.ObjectLink != "" {
		list = append(list, account.Changed("objectLink", now.ObjectLink, nil))
	}
	if now.Offered != Defaults().Offered {
		list = append(list, account.Changed("offered", now.Offered, nil))
	}
	return list
}
