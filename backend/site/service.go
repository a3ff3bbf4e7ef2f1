// Package site keeps the measurables: websites, apps and systems that activities
// belong to and that users have access to. Site 1 is this log itself. What an activity
// says of its site is the activity's own: no change here changes it.
package site

import (
	"context"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// thisLog is the site that is this log itself, and stays.
const thisLog = 1

// A Record is a site as stored.
type Record struct {
	ID               int64
	Kind, Name, Zone string
	Addresses        []string
	Settings         Settings
	CreatedAt        int64 // ms
}

// Ref is the site as an activity names it.
func (r Record) Ref() activity.SiteRef {
	id := strconv.FormatInt(r.ID, 10)
	return activity.SiteRef{ID: &id, Kind: r.Kind, Name: r.Name}
}

// A View reads sites. Each method costs one read, those of sites one more for the
// addresses.
type View interface {
	Sites(ctx context.Context) ([]Record, error) // by id
	Site(ctx context.Context, id int64) (Record, bool, error)
	Levels(ctx context.Context, user int64) (map[int64]string, error) // of a user, by site
	People(ctx context.Context) (map[int64]int, error)                // users with access, but super users, by site
	Foreign(ctx context.Context, limit int) ([]string, error)         // names in activities that are no site of ours, sorted
}

// A Tx is a View of one transaction that also writes.
type Tx interface {
	View
	AddSite(ctx context.Context, r Record) (int64, error) // the id was never used before
	SaveSite(ctx context.Context, r Record) error         // all but id and creation
	DropSite(ctx context.Context, r Record, now int64) error
	Record(ctx context.Context, b activity.Body) (activity.Receipt, error)
	Accounts() account.Tx // of the same transaction
}

// A Store keeps sites. Update stores all of change or nothing. The sqlite package
// implements it.
type Store interface {
	View
	Update(ctx context.Context, change func(Tx) error) error
}

// A Service lists and changes sites.
type Service struct {
	store    Store
	accounts *account.Service
	now      func() time.Time
}

// New returns a service.
func New(store Store, accounts *account.Service, now func() time.Time) *Service {
	return &Service{store: store, accounts: accounts, now: now}
}

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
	if !p.SeesAll() {
		return list, nil
	}
	return list, failed(s.addSeen(ctx, p, &list))
}

// addSeen adds what only super users are told.
func (s *Service) addSeen(ctx context.Context, p access.Principal, list *List) error {
	seen, err := s.store.Foreign(ctx, mostForeign)
	if err != nil {
		return err
	}
	own := make(map[string]bool, len(list.Sites))
	for _, x := range list.Sites {
		own[Key(x.Name)] = true
	}
	for _, name := range seen {
		if !own[Key(name)] { // one of them was made a site since
			list.Seen = append(list.Seen, name)
		}
	}
	if p.Token != nil {
		return nil
	}
	people, err := s.store.People(ctx)
	for i := range list.Sites {
		id, _ := strconv.ParseInt(list.Sites[i].ID, 10, 64) // it was written here
		list.Sites[i].People = new(people[id])
	}
	return err
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
	return Site{
		ID: strconv.FormatInt(r.ID, 10), Kind: r.Kind, Name: r.Name, Zone: r.Zone, Addresses: append([]string{}, r.Addresses...),
		Settings: r.Settings, CreatedAt: r.CreatedAt, Level: string(level),
	}
}

func noSite() error { return fault.New(fault.NotFound, "There is no such site.") }

// find returns the site of an id as this program writes it. Errors: not_found.
func find(ctx context.Context, v View, text string) (Record, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != text {
		return Record{}, noSite()
	}
	r, ok, err := v.Site(ctx, id)
	if err == nil && !ok {
		err = noSite()
	}
	return r, err
}

// reach returns the site if the caller is one of its admins or a super user. A site that
// the caller has no access to is as absent.
func (s *Service) reach(ctx context.Context, v View, p access.Principal, text string) (Record, access.Role, error) {
	r, err := find(ctx, v, text)
	if err != nil {
		return Record{}, access.None, err
	}
	levels, err := s.levels(ctx, v, p)
	if err != nil {
		return Record{}, access.None, err
	}
	level := levels(r.ID)
	if level == access.None {
		return Record{}, access.None, noSite()
	}
	if !level.AtLeast(access.Admin) {
		return Record{}, access.None, fault.New(fault.Denied, "Only admins of this site and super users may change it.")
	}
	return r, level, nil
}

// about returns the body of what the caller does to a site, as it is called then.
func (s *Service) about(p access.Principal, typ string, r Record, more map[string]any) activity.Body {
	b := account.Begin(p, s.now(), typ)
	ref := r.Ref()
	b.Site = &ref
	b.Object = &activity.Object{Kind: "measurable", ID: *ref.ID, Name: r.Name}
	all := map[string]any{"measurable": map[string]string{"id": *ref.ID, "name": r.Name}}
	for name, value := range more {
		all[name] = value
	}
	b.Parameters = account.JSON(all)
	return b
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "The sites could not be read or changed. The program's log says why.")
}
