package view

import (
	"context"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// PinView pins a view to the caller's side bar, or takes it off; it counts from then on
// what is new in it. Errors: unauthenticated, denied (the command line has no side bar),
// not_found, conflict (field pinned: 20 are).
func (s *Service) PinView(ctx context.Context, in PinIn) (View, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return View{}, err
	}
	var shown View
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := find(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		if err := s.pin(ctx, tx, p, r, in.Pinned); err != nil {
			return err
		}
		shown, err = s.show(ctx, tx, p, r, Mark{Pinned: in.Pinned}, map[int64]string{})
		return err
	})
	return shown, failed(err)
}

func (s *Service) pin(ctx context.Context, tx Tx, p access.Principal, r Record, pinned bool) error {
	if p.UserID == 0 {
		return fault.New(fault.Denied, "The command line has no side bar. Pin the view in the window.").Blame("pinned")
	}
	marks, err := tx.Marks(ctx, p.UserID)
	if err != nil {
		return err
	}
	mark := marks[r.ID]
	if mark.Pinned == pinned {
		return nil
	}
	if pinned {
		if err := roomForPin(ctx, tx, p, marks); err != nil {
			return err
		}
	}
	b := account.Begin(p, s.now(), "UserPreferenceSet")
	b.Object = &activity.Object{Kind: activity.KindUser, ID: strconv.FormatInt(p.UserID, 10), Name: p.Login}
	b.Parameters = account.JSON(map[string]any{
		"user":       map[string]string{"id": strconv.FormatInt(p.UserID, 10), "name": p.Login},
		"preference": "pinned: " + r.Name, "value": pinned,
	})
	b.Changes = []activity.Change{account.Changed("pinned", mark.Pinned, pinned)}
	if _, err := tx.Record(ctx, b); err != nil {
		return err
	}
	mark.Pinned = pinned
	if pinned {
		mark.Seen = tx.Size()
	}
	return tx.SetMark(ctx, p.UserID, r.ID, mark)
}

// roomForPin refuses one pin too many. What is no longer shared does not count.
func roomForPin(ctx context.Context, tx Tx, p access.Principal, marks map[int64]Mark) error {
	records, err := tx.Views(ctx, p.UserID)
	if err != nil {
		return err
	}
	n := 0
	for _, r := range records {
		if marks[r.ID].Pinned {
			n++
		}
	}
	if n >= maxPins {
		return fault.New(fault.Conflict, "%d views are pinned already. Take one off the side bar first.", n).Blame("pinned")
	}
	return nil
}
