package view

import (
	"context"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// HoldView puts a shared view under legal hold, or lifts it. What a held view matches is
// erased by nobody, also once its names stand for something else; the view can neither be
// removed nor ask for anything else. Recorded as
// LegalHoldSet or LegalHoldLifted; one that is so already stays, and nothing is recorded.
// Errors: unauthenticated, denied, not_found, conflict (a view that is not shared),
// invalid (field query: it must mean the same for ever; field zone).
func (s *Service) HoldView(ctx context.Context, in HoldIn) (View, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return View{}, err
	}
	if in.Zone == "" {
		if in.Zone = p.Zone; in.Zone == "" {
			in.Zone = "UTC"
		}
	}
	var shown View
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := find(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		if err := s.hold(ctx, tx, p, &r, in); err != nil {
			return err
		}
		shown, err = s.showOne(ctx, tx, p, r)
		return err
	})
	return shown, failed(err)
}

func (s *Service) hold(ctx context.Context, tx Tx, p access.Principal, r *Record, in HoldIn) error {
	if in.Hold == (r.HoldZone != nil) {
		return nil
	}
	typ, before := "LegalHoldLifted", r.HoldZone
	r.HoldZone = nil
	var filters []activity.Filter
	if in.Hold {
		if !r.Shared {
			return fault.New(fault.Conflict, "Share the view first: a hold concerns everybody, so all super users must see it.")
		}
		q, err := s.log.Fixed(r.Query, in.Zone)
		if err != nil {
			return err
		}
		for _, f := range q.Filters {
			if f.Field == activity.ByCategory {
				return fault.At("query", "A hold needs types in place of category:%s, since a plugin can bring a type into another category.", f.Value)
			}
		}
		typ, r.HoldZone, filters = "LegalHoldSet", &in.Zone, q.Filters
	}
	r.Version, r.ChangedAt = r.Version+1, s.now().UnixMilli()
	if err := tx.PutView(ctx, *r); err != nil {
		return err
	}
	if err := tx.KeepMeaning(ctx, r.ID, filters); err != nil {
		return err
	}
	b := s.about(p, typ, *r, []activity.Change{account.Changed("hold", before, r.HoldZone)})
	_, err := tx.Record(ctx, b)
	return err
}

// Holds returns the queries that are under hold, and a mark that is another as soon as
// any of that changes, or what a name stands for may have. Errors: conflict (a held query
// means nothing any more: what it holds cannot be told), unavailable.
func (s *Service) Holds(ctx context.Context) (activity.Holds, error) {
	records, mark, err := s.store.Held(ctx)
	if err != nil {
		return activity.Holds{}, failed(err)
	}
	holds := activity.Holds{Mark: mark}
	for _, r := range records {
		q, err := s.log.Fixed(r.Query, *r.HoldZone)
		if err != nil {
			return holds, fault.New(fault.Conflict, "The view %q is under legal hold, but its query means nothing any more: %s Mend that, or lift the hold.", r.Name, fault.Public(err).Message)
		}
		holds.Queries = append(holds.Queries, q.AsHeld(r.ID))
	}
	return holds, nil
}

// Fixed returns what a shared view asks for, the same whoever asks and whenever, with its
// dates in UTC; false if there is none of that id. For rules about what is kept.
// Errors: invalid (field query: it does not mean the same), unavailable.
func (s *Service) Fixed(ctx context.Context, id string) (activity.Query, bool, error) {
	r, err := find(ctx, s.store, access.Principal{Role: access.Super}, id)
	if fault.CodeOf(err) == fault.NotFound || err == nil && !r.Shared {
		return activity.Query{}, false, nil
	}
	if err != nil {
		return activity.Query{}, false, failed(err)
	}
	q, err := s.log.Fixed(r.Query, "UTC")
	return q, err == nil, err
}

// bound refuses what would change what a hold holds, or what a rule of retention removes.
func (r Record) bound(ctx context.Context, tx Tx, what string) error {
	if err := r.held(what); err != nil {
		return err
	}
	rule, err := tx.RuleOf(ctx, r.ID)
	if err == nil && rule != "" {
		err = fault.New(fault.Conflict, "The rule %q of retention is for the view %q: it cannot be %s. Change the rule first.", rule, r.Name, what)
	}
	return err
}

// held refuses what would change what a hold holds.
func (r Record) held(what string) error {
	if r.HoldZone == nil {
		return nil
	}
	return fault.New(fault.Conflict, "The view %q is under legal hold: it cannot be %s. A super user can lift the hold.", r.Name, what)
}
