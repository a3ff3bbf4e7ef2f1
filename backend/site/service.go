// Package site keeps the measurables: websites, apps and systems that activities
// belong to and that users have access to. Site 1 is this log itself.
package site

import (
	"context"
	"strconv"
	"strings"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// maxName bounds the characters of a site's name.
const maxName = 100

// A Record is a site as stored.
type Record struct {
	ID               int64
	Kind, Name, Zone string
}

// A View reads sites. Each method costs one read.
type View interface {
	Sites(ctx context.Context) ([]Record, error) // by id
	Site(ctx context.Context, id int64) (Record, bool, error)
	SiteByName(ctx context.Context, name string) (Record, bool, error)
	Levels(ctx context.Context, user int64) (map[int64]string, error) // of a user, by site
	Foreign(ctx context.Context, limit int) ([]string, error)         // names in activities that are no site of ours, sorted
}

// A Tx is a View of one transaction that also writes.
type Tx interface {
	View
	SaveSite(ctx context.Context, r Record) error
	Record(ctx context.Context, b activity.Body) (activity.Receipt, error)
}

// A Store keeps sites. Update stores all of change or nothing. The sqlite package
// implements it.
type Store interface {
	View
	Update(ctx context.Context, change func(Tx) error) error
}

// A Service lists and changes sites.
type Service struct {
	store Store
	now   func() time.Time
}

// New returns a service.
func New(store Store, now func() time.Time) *Service { return &Service{store: store, now: now} }

// mostForeign bounds the foreign names offered.
const mostForeign = 500

// Sites lists the sites the caller has access to; a super user gets all, and up to
// 500 names of foreign sites. Errors: unauthenticated, denied (role none).
func (s *Service) Sites(ctx context.Context, _ SitesIn) (List, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return List{}, err
	}
	records, err := s.store.Sites(ctx)
	if err != nil {
		return List{}, failed(err)
	}
	levels, err := s.levels(ctx, s.store, p)
	if err != nil {
		return List{}, failed(err)
	}
	list := List{Sites: []Site{}, Seen: []string{}}
	for _, r := range records {
		if level := levels(r.ID); level != access.None {
			list.Sites = append(list.Sites, shown(r, level))
		}
	}
	if p.SeesAll() {
		seen, err := s.store.Foreign(ctx, mostForeign)
		if err != nil {
			return List{}, failed(err)
		}
		list.Seen = append(list.Seen, seen...)
	}
	return list, nil
}

// levels returns the caller's level on each site.
func (s *Service) levels(ctx context.Context, v View, p access.Principal) (func(int64) access.Role, error) {
	if p.SeesAll() {
		return func(int64) access.Role { return p.Role }, nil
	}
	own, err := v.Levels(ctx, p.UserID)
	return func(id int64) access.Role {
		if level, ok := own[id]; ok {
			return access.Role(level)
		}
		return access.None
	}, err
}

func shown(r Record, level access.Role) Site {
	return Site{ID: strconv.FormatInt(r.ID, 10), Kind: r.Kind, Name: r.Name, Zone: r.Zone, Level: string(level)}
}

// ChangeSite changes a site's name or zone. Its admins and super users may. Errors:
// unauthenticated, denied, not_found (also for a site the caller has no access to),
// conflict (field name: taken), invalid (field name, zone).
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
		r, level, err := s.reach(ctx, tx, p, in.ID)
		if err != nil {
			return err
		}
		out, err = s.change(ctx, tx, p, r, level, in)
		return err
	})
	return out, failed(err)
}

// check tidies the inputs and refuses bad ones.
func (in *ChangeIn) check() error {
	if in.Name != nil {
		name := strings.TrimSpace(*in.Name)
		if name == "" {
			return fault.At("name", "The site needs a name.")
		}
		if err := account.CheckLine("name", "name", name, maxName); err != nil {
			return err
		}
		in.Name = &name
	}
	if in.Zone != nil && !account.ValidZone(*in.Zone) {
		return fault.At("zone", "%q is not a time zone. Write it like Europe/Berlin.", *in.Zone)
	}
	return nil
}

// reach returns the site if the caller is one of its admins or a super user.
func (s *Service) reach(ctx context.Context, v View, p access.Principal, text string) (Record, access.Role, error) {
	absent := fault.New(fault.NotFound, "There is no such site.")
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return Record{}, access.None, absent
	}
	r, ok, err := v.Site(ctx, id)
	if err != nil {
		return Record{}, access.None, err
	}
	levels, err := s.levels(ctx, v, p)
	if err != nil {
		return Record{}, access.None, err
	}
	level := levels(id)
	if !ok || level == access.None {
		return Record{}, access.None, absent
	}
	if !level.AtLeast(access.Admin) {
		return Record{}, access.None, fault.New(fault.Denied, "Only admins of this site and super users may change it.")
	}
	return r, level, nil
}

func (s *Service) change(ctx context.Context, tx Tx, p access.Principal, r Record, level access.Role, in ChangeIn) (Site, error) {
	b := account.Begin(p, s.now(), "MeasurableChanged")
	if in.Name != nil && *in.Name != r.Name {
		other, taken, err := tx.SiteByName(ctx, *in.Name)
		if err != nil {
			return Site{}, err
		}
		if taken && other.ID != r.ID {
			e := fault.New(fault.Conflict, "There is a site with the name %q already.", *in.Name)
			e.Field = "name"
			return Site{}, e
		}
		b.Changes = append(b.Changes, account.Changed("name", r.Name, *in.Name))
		r.Name = *in.Name
	}
	if in.Zone != nil && *in.Zone != r.Zone {
		b.Changes = append(b.Changes, account.Changed("timezone", r.Zone, *in.Zone))
		r.Zone = *in.Zone
	}
	if len(b.Changes) == 0 {
		return shown(r, level), nil
	}
	id := strconv.FormatInt(r.ID, 10)
	b.Site = &activity.SiteRef{ID: &id, Kind: r.Kind, Name: r.Name} // as it is called from now on
	b.Object = &activity.Object{Kind: "measurable", ID: id, Name: r.Name}
	b.Parameters = account.JSON(map[string]any{"measurable": map[string]string{"id": id, "name": r.Name}})
	if err := tx.SaveSite(ctx, r); err != nil {
		return Site{}, err
	}
	_, err := tx.Record(ctx, b)
	return shown(r, level), err
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "The sites could not be read or changed. The program's log says why.")
}
