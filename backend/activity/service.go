package activity

import (
	"context"
	"slices"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/catalog"
	"activitylog/backend/fault"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// A Service records, lists and counts. Every read stands on the caller's scope.
type Service struct {
	store   Store
	catalog *catalog.Catalog
	options Options
}

// Options are what the service needs besides its store.
type Options struct {
	Now func() time.Time
	// Language is the log's default, for readers who chose none.
	Language func(ctx context.Context) string
	// Ledger tells the ledger's state; Ready whether a first super user exists.
	Ledger  func(ctx context.Context) LedgerState
	Ready   func(ctx context.Context) (bool, error)
	Version string
	// Admit counts a draft that a token's holder records, unless its quota is used up.
	// Errors: unavailable. Nil: there is no quota.
	Admit func(ctx context.Context, p access.Principal) error
	// Fresh has the catalogue be what other processes made of it by now. Nil: there are none.
	Fresh func(ctx context.Context) error
	// Caller says how a principal is written into a body.
	Caller func(p access.Principal) BodyActor
}

// A LedgerState is what is known of the ledger without a verification.
type LedgerState struct {
	State    string
	Size     int64
	Root     string // of the tree of that size, base64
	Verified *int64
	Origin   string
	Key      string
}

// NewService returns a service over a store.
func NewService(store Store, cat *catalog.Catalog, o Options) *Service {
	return &Service{store: store, catalog: cat, options: o}
}

// ScopeOf returns whose activity the principal may see.
func ScopeOf(p access.Principal) Scope {
	return Scope{All: p.SeesAll(), User: p.UserID}
}

// Count returns how many match: exactly where that is cheap or asked for, else "at
// least". Errors as List.
func (s *Service) Count(ctx context.Context, in CountIn) (Count, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Count{}, err
	}
	sel, _, err := s.selection(p, in.Query, in.Zone)
	if err != nil {
		return Count{}, err
	}
	return s.store.Count(ctx, sel, in.Exact)
}

// CountSince returns how many matches have a place in the ledger from seq on, as the
// store's. Errors as List.
func (s *Service) CountSince(ctx context.Context, in CountIn, seq int64) (Count, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Count{}, err
	}
	sel, _, err := s.selection(p, in.Query, in.Zone)
	if err != nil {
		return Count{}, err
	}
	return s.store.CountSince(ctx, sel, seq)
}

// CheckQuery says whether a text is a query for the caller. Errors: invalid (field query,
// with the place; zone).
func (s *Service) CheckQuery(ctx context.Context, text string) error {
	_, _, err := s.selection(access.From(ctx), text, "")
	return err
}

// Histogram returns how the matches are spread over time. Errors as List.
func (s *Service) Histogram(ctx context.Context, in HistogramIn) (Histogram, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Histogram{}, err
	}
	sel, _, err := s.selection(p, in.Query, in.Zone)
	if err != nil {
		return Histogram{}, err
	}
	if in.Buckets == 0 {
		in.Buckets = 512
	}
	if in.Buckets < 1 || in.Buckets > 512 {
		return Histogram{}, fault.At("buckets", "buckets must lie between 1 and 512.")
	}
	return s.store.Histogram(ctx, sel, in.Buckets)
}

// Get returns one activity with all that is known of it. A foreign id answers
// exactly as an absent one. Errors: unauthenticated, denied, not_found, internal (it
// cannot be read any more), unavailable.
func (s *Service) Get(ctx context.Context, in GetIn) (Detail, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Detail{}, err
	}
	missing := fault.New(fault.NotFound, "There is no activity %q, or it is not yours to see.", clip(in.ID))
	id, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != in.ID {
		return Detail{}, missing
	}
	row, place, err := s.store.Find(ctx, ScopeOf(p), id-1)
	if fault.CodeOf(err) == fault.NotFound {
		return Detail{}, missing
	}
	if err != nil {
		return Detail{}, err
	}
	d := Detail{Activity: s.View(row, s.language(ctx, p)), Raw: row.Body.Raw, Ledger: place}
	if len(d.Raw) == 0 {
		d.Raw = null
	}
	if row.Batch != nil {
		d.Batch = new(strconv.FormatInt(*row.Batch, 10))
	}
	return d, nil
}

// selection parses a query for a caller, in the zone asked for or the caller's own.
func (s *Service) selection(p access.Principal, text, zone string) (Selection, string, error) {
	if zone == "" {
		zone = p.Zone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return Selection{}, "", fault.At("zone", "There is no time zone %q. Use a name like Europe/Berlin.", clip(zone))
	}
	q, err := ParseQuery(text, ParseOptions{Now: s.options.Now(), Zone: loc, Categories: s.catalog.CategoryTypes})
	if err != nil {
		return Selection{}, "", err
	}
	return Selection{Scope: ScopeOf(p), Caller: p.UserID, Query: q}, loc.String(), nil
}

func location(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

func (s *Service) language(ctx context.Context, p access.Principal) string {
	if p.Language != "" {
		return p.Language
	}
	return s.options.Language(ctx)
}

// Types returns the catalogue in the caller's language, and the types that only
// occur in the activity the caller may see. Errors: unauthenticated, denied, unavailable.
func (s *Service) Types(ctx context.Context, _ TypesIn) (TypeList, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return TypeList{}, err
	}
	if s.options.Fresh != nil {
		if err := s.options.Fresh(ctx); err != nil {
			return TypeList{}, err
		}
	}
	lang := s.language(ctx, p)
	list := TypeList{Types: []TypeInfo{}}
	for _, t := range s.catalog.Types() {
		list.Types = append(list.Types, s.info(t.ID, lang))
	}
	seen, err := s.store.TypeNames(ctx, ScopeOf(p))
	if err != nil {
		return TypeList{}, err
	}
	slices.Sort(seen)
	for _, name := range seen {
		if _, known := s.catalog.Type(name); !known {
			list.Types = append(list.Types, s.info(name, lang))
		}
	}
	return list, nil
}

// Actors returns identities the caller may see. Errors: unauthenticated, denied, invalid
// (limit, search), unavailable.
func (s *Service) Actors(ctx context.Context, in ActorsIn) (ActorList, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return ActorList{}, err
	}
	if in.Limit == 0 {
		in.Limit = DefaultLimit
	}
	if in.Limit < 1 || in.Limit > MaxLimit {
		return ActorList{}, fault.At("limit", "limit must lie between 1 and %d.", MaxLimit)
	}
	actors, err := s.store.Actors(ctx, ScopeOf(p), in.Search, in.Limit)
	if actors == nil {
		actors = []ActorInfo{}
	}
	return ActorList{Actors: actors}, err
}

// Status returns the state of the log as far as the caller may know it. It asks
// for no role: everybody may learn whether the log is set up. Errors: unavailable.
func (s *Service) Status(ctx context.Context, _ StatusIn) (Status, error) {
	p := access.From(ctx)
	ready, err := s.options.Ready(ctx)
	if err != nil {
		return Status{}, err
	}
	out := Status{Version: s.options.Version, Ready: ready}
	if !p.Known() || !p.Role.AtLeast(access.View) {
		return out, nil
	}
	if out.Revision, err = s.store.Revision(ctx, ScopeOf(p)); err != nil {
		return Status{}, err
	}
	state := s.options.Ledger(ctx)
	out.State, out.Verified, out.Origin = state.State, state.Verified, state.Origin
	if p.SeesAll() {
		out.Size, out.Key = strconv.FormatInt(state.Size, 10), state.Key
	}
	return out, nil
}
