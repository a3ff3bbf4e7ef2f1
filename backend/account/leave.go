package account

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/activity"
)

// A Leaver is a user with access to a site that goes.
type Leaver struct {
	User          Record
	Level         string      // on the site
	Before, After access.Role // effective
}

// Leavers lists who has access to a site, by login, and what role would be left without
// it. It asks for no role. Cost: one read and two more for each.
func (s *Service) Leavers(ctx context.Context, v View, site int64) ([]Leaver, error) {
	grants, err := v.GrantsOn(ctx, site)
	if err != nil {
		return nil, err
	}
	list := make([]Leaver, 0, len(grants))
	for _, g := range grants {
		r, ok, err := v.UserByID(ctx, g.User)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		all, err := v.Grants(ctx, g.User)
		if err != nil {
			return nil, err
		}
		rest := slices.DeleteFunc(slices.Clone(all), func(g Grant) bool { return g.Site == site })
		list = append(list, Leaver{User: r, Level: g.Level, Before: role(r.Super, highest(all)), After: role(r.Super, highest(rest))})
	}
	slices.SortFunc(list, func(a, b Leaver) int { return strings.Compare(a.User.Key, b.User.Key) })
	return list, nil
}

// LeaversNow is [Service.Leavers] as things stand, outside of any transaction.
func (s *Service) LeaversNow(ctx context.Context, site int64) ([]Leaver, error) {
	return s.Leavers(ctx, s.store, site)
}

// Leave takes the access to a site away from all that [Service.Leavers] named, and
// records each. The sessions of those whose role changes end. It asks for no role: the
// caller is to have removed the site for the same person, in the same transaction.
func (s *Service) Leave(ctx context.Context, tx Tx, p access.Principal, ref activity.SiteRef, leavers []Leaver) error {
	for _, l := range leavers {
		if err := s.accessChanged(ctx, tx, p, l.User, ref, l.Level, ""); err != nil {
			return err
		}
		if l.Before != l.After {
			if err := s.revoke(ctx, tx, &l.User, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// accessChanged stores and records a user's level on a site.
func (s *Service) accessChanged(ctx context.Context, tx Tx, p access.Principal, r Record, ref activity.SiteRef, old, level string) error {
	site, err := strconv.ParseInt(*ref.ID, 10, 64)
	if err != nil {
		return err
	}
	if err := tx.SetGrant(ctx, Grant{User: r.ID, Site: site, Level: level}); err != nil {
		return err
	}
	b := about(p, s.now(), "SiteAccessChanged", r, params{"access": named(level)})
	b.Site = &ref
	b.Changes = append(b.Changes, Changed("access", named(old), named(level)))
	_, err = tx.Record(ctx, b)
	return err
}
