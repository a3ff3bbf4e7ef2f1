package site

import (
	"context"
	"slices"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// CreateSite makes a site. Nobody but super users has access to it yet. Activities that
// called a site so before stay as they are; those to come that call it so belong to it.
// Errors: unauthenticated, denied, conflict (field name, addresses: taken), invalid (field
// name, kind, zone, addresses).
func (s *Service) CreateSite(ctx context.Context, in CreateIn) (Site, error) {
	p, err := access.Require(ctx, access.Super)
	if err != nil {
		return Site{}, err
	}
	if in.Kind == "" {
		in.Kind = Kinds()[0]
	}
	check := ChangeIn{Name: &in.Name, Kind: &in.Kind, Addresses: &in.Addresses}
	if in.Zone != "" {
		check.Zone = &in.Zone
	}
	if err := check.check(); err != nil {
		return Site{}, err
	}
	r := check.over(Record{Settings: Defaults(), CreatedAt: s.now().UnixMilli()})
	err = s.store.Update(ctx, func(tx Tx) error { return s.create(ctx, tx, p, &r) })
	if err != nil {
		return Site{}, failed(err)
	}
	made := shown(r, p.Role)
	made.People = new(0)
	return made, nil
}

func (s *Service) create(ctx context.Context, tx Tx, p access.Principal, r *Record) error {
	if err := free(ctx, tx, Record{}, *r); err != nil {
		return err
	}
	if r.Zone == "" {
		log, _, err := tx.Site(ctx, thisLog)
		if err != nil {
			return err
		}
		r.Zone = log.Zone
	}
	id, err := tx.AddSite(ctx, *r)
	if err != nil {
		return err
	}
	r.ID = id
	b := s.about(p, "MeasurableCreated", *r, map[string]any{"type": r.Kind, "urls": r.Addresses, "timezone": r.Zone})
	b.Changes = differences(Record{}, *r)
	_, err = tx.Record(ctx, b)
	return err
}

// free refuses a name that another site has, and what else an activity could call either
// by: it would be one site's or the other's. Addresses that the site had before stay. It
// says no more of the other site than was typed: the caller may not have access to it.
func free(ctx context.Context, v View, old, r Record) error {
	records, err := v.Sites(ctx)
	if err != nil {
		return err
	}
	added := slices.DeleteFunc(slices.Clone(r.Addresses), func(address string) bool { return slices.Contains(old.Addresses, address) })
	for _, other := range records {
		if other.ID == r.ID {
			continue
		}
		if Key(other.Name) == Key(r.Name) {
			return fault.New(fault.Conflict, "There is a site with the name %q already. Choose another one.", r.Name).Blame("name")
		}
		called := other.called()
		if r.Name != old.Name && slices.Contains(called, Called(r.Name)) {
			return fault.New(fault.Conflict, "%q is an address of another site. Choose another name.", r.Name).Blame("name")
		}
		for _, address := range added {
			if c := Called(address); c == Called(other.Name) || slices.Contains(called, c) {
				return fault.New(fault.Conflict, "Another site is called %q already. An address belongs to one site.", address).Blame("addresses")
			}
		}
	}
	return nil
}

// called is what the site's addresses are called in activities.
func (r Record) called() []string {
	list := make([]string, len(r.Addresses))
	for i, address := range r.Addresses {
		list[i] = Called(address)
	}
	return list
}

// ChangeSite changes a site's name, kind, time zone or addresses. Its admins and super
// users may. Activities keep the name it had. Errors: unauthenticated, denied, not_found
// (also for a site the caller has no access to), conflict (field name, addresses: taken),
// invalid (field name, kind, zone, addresses).
func (s *Service) ChangeSite(ctx context.Context, in ChangeIn) (Site, error) {
	p, err := access.Require(ctx, access.Admin)
	if err != nil {
		return Site{}, err
	}
	if err := in.check(); err != nil {
		return Site{}, err
	}
	var out Site
	err = s.store.Update(ctx, func(tx Tx) error {
		old, level, err := s.reach(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		r := in.over(old)
		out = shown(r, level)
		changes := differences(old, r)
		if len(changes) == 0 {
			return nil
		}
		if err := free(ctx, tx, old, r); err != nil {
			return err
		}
		b := s.about(p, "MeasurableChanged", r, nil) // as it is called from now on
		b.Changes = changes
		if err := tx.SaveSite(ctx, r); err != nil {
			return err
		}
		_, err = tx.Record(ctx, b)
		return err
	})
	return out, failed(err)
}

// over returns the site with what is to change.
func (in ChangeIn) over(r Record) Record {
	take(&r.Name, in.Name)
	take(&r.Kind, in.Kind)
	take(&r.Zone, in.Zone)
	take(&r.Addresses, in.Addresses)
	return r
}

func take[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// differences lists what differs, by the names that Matomo has for it. A site without
// an id is none.
func differences(from, to Record) []activity.Change {
	changes := []activity.Change{}
	for _, f := range []struct{ field, old, new string }{{"name", from.Name, to.Name}, {"type", from.Kind, to.Kind}, {"timezone", from.Zone, to.Zone}} {
		if f.old != f.new {
			changes = append(changes, account.Changed(f.field, orNull(f.old), orNull(f.new)))
		}
	}
	if !slices.Equal(from.Addresses, to.Addresses) {
		changes = append(changes, account.Changed("urls", listed(from), listed(to)))
	}
	return changes
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func listed(r Record) any {
	if r.Name == "" { // there is no site without a name
		return nil
	}
	return append([]string{}, r.Addresses...)
}
