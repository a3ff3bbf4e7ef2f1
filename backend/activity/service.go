//go:build wip

package activity

import (
	"context"
	"encoding/json"
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
	// Caller and Source say how a principal is written into a body.
	Caller func(p access.Principal) BodyActor
}

// A LedgerState is what is known of the ledger without a verification.
type LedgerState struct {
	State    string
	Size     int64
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

// Record stores one activity by hand and returns its receipt, once it is durable.
// Role write records as oneself; only a super user may name another actor.
// Errors: invalid (with the field), denied, unavailable.
func (s *Service) Record(ctx context.Context, d Draft) (Receipt, error) {
	results, err := s.RecordAll(ctx, []Draft{d})
	if err != nil {
		return Receipt{}, err
	}
	r := results[0]
	switch {
	case r.Err != nil:
		return Receipt{}, r.Err
	case r.Conflict:
		return Receipt{}, fault.New(fault.Conflict, "Activity %s has this external id, but says something else.", r.Receipt.ID)
	case r.Erased:
		return Receipt{}, fault.New(fault.Conflict, "An activity with this external id was erased on purpose and does not come back.")
	}
	return r.Receipt, nil
}

// RecordAll stores several drafts in one commit. One that is refused has its error
// in its place; the others go in.
func (s *Service) RecordAll(ctx context.Context, drafts []Draft) ([]Appended, error) {
	p, err := access.Require(ctx, access.Write)
	if err != nil {
		return nil, err
	}
	results := make([]Appended, len(drafts))
	bodies := make([]Body, 0, len(drafts))
	place := make([]int, 0, len(drafts))
	for i, d := range drafts {
		body, err := s.prepare(ctx, p, d)
		if err != nil {
			results[i].Err = err
			continue
		}
		bodies, place = append(bodies, body), append(place, i)
	}
	stored, err := s.store.Append(ctx, bodies)
	if err != nil {
		return nil, err
	}
	for i, r := range stored {
		results[place[i]] = r
	}
	return results, nil
}

func (s *Service) prepare(ctx context.Context, p access.Principal, d Draft) (Body, error) {
	if d.Actor != nil && p.Role != access.Super {
		return Body{}, fault.New(fault.Denied, "Only a super user may record for another actor. Leave actor away.").Blame("actor")
	}
	source := "manual"
	if p.Door == access.CLI {
		source = "cli"
	} else if t, ok := s.catalog.Type(d.Type); ok && t.Self {
		return Body{}, fault.At("type", "%s is recorded by the program itself when it happens, not by hand.", d.Type)
	}
	site, err := s.Site(ctx, d.Site)
	if err != nil {
		return Body{}, err
	}
	body, _, err := Prepare(d, Origin{
		Source: source, Caller: s.options.Caller(p), Now: s.options.Now().In(location(p.Zone)),
		Site: site, Catalog: s.catalog,
	})
	return body, err
}

// Site resolves what a draft calls a site: one of this log's, or a foreign name.
func (s *Service) Site(ctx context.Context, text *string) (*SiteRef, error) {
	if filled(text) == nil {
		return nil, nil
	}
	if len(*text) > 1024 {
		return nil, fault.At("site", "site must have at most 1,024 bytes.")
	}
	ref, known, err := s.store.ResolveSite(ctx, *text)
	if err != nil {
		return nil, err
	}
	if !known {
		ref = SiteRef{Kind: "other", Name: *text}
	}
	return &ref, nil
}

// List returns a page of what the query matches, newest first unless asked
// otherwise. Errors: invalid (query, cursor, zone, limit, order), unauthenticated, denied.
func (s *Service) List(ctx context.Context, in ListIn) (Page, error) {
	rows, page, err := s.Rows(ctx, in)
	if err != nil {
		return Page{}, err
	}
	lang := s.language(ctx, access.From(ctx))
	for _, row := range rows {
		page.Items = append(page.Items, s.View(row, lang))
	}
	return page, nil
}

// Rows is List before its rows are put into words; Items stays empty.
func (s *Service) Rows(ctx context.Context, in ListIn) ([]Stored, Page, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return nil, Page{}, err
	}
	sel, zone, err := s.selection(p, in.Query, in.Zone)
	if err != nil {
		return nil, Page{}, err
	}
	seek, err := seekOf(in, sel.Query, zone)
	if err != nil {
		return nil, Page{}, err
	}
	limit := seek.Limit
	seek.Limit++
	rows, err := s.store.Select(ctx, sel, seek)
	if err != nil {
		return nil, Page{}, err
	}
	more := len(rows) > limit
	if more && seek.Backward {
		rows = rows[len(rows)-limit:]
	} else if more {
		rows = rows[:limit]
	}
	page := Page{Items: []Activity{}}
	if len(rows) > 0 {
		first, last := rows[0].Key, rows[len(rows)-1].Key
		page.Previous = new(NewCursor(sel.Query, zone, seek.Oldest, true, first).String())
		if more || seek.Backward {
			page.Next = new(NewCursor(sel.Query, zone, seek.Oldest, false, last).String())
		}
	}
	return rows, page, nil
}

func seekOf(in ListIn, q Query, zone string) (Seek, error) {
	seek := Seek{Limit: in.Limit, At: in.At}
	switch in.Order {
	case "", "newest":
	case "oldest":
		seek.Oldest = true
	default:
		return seek, fault.At("order", "order must be newest or oldest, not %q.", in.Order)
	}
	if seek.Limit == 0 {
		seek.Limit = DefaultLimit
	}
	if seek.Limit < 1 || seek.Limit > MaxLimit {
		return seek, fault.At("limit", "limit must lie between 1 and %d.", MaxLimit)
	}
	if in.Cursor == "" {
		return seek, nil
	}
	if in.At != nil {
		return seek, fault.At("at", "Give at or cursor, not both.")
	}
	cursor, err := ParseCursor(in.Cursor, q, zone, seek.Oldest)
	if err != nil {
		return seek, err
	}
	seek.From, seek.Backward = &cursor.Key, cursor.Backward
	return seek, nil
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
// exactly as an absent one: not_found.
func (s *Service) Get(ctx context.Context, in GetIn) (Detail, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Detail{}, err
	}
	missing := fault.New(fault.NotFound, "There is no activity %q, or it is not yours to see.", in.ID)
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
		return Selection{}, "", fault.At("zone", "There is no time zone %q. Use a name like Europe/Berlin.", zone)
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

// View puts a stored activity into words for a reader of that language.
func (s *Service) View(row Stored, lang string) Activity {
	b := row.Body
	info := s.info(b.Type, lang)
	a := Activity{
		ID: strconv.FormatInt(row.Seq+1, 10), OccurredAt: b.OccurredAt, OffsetMinutes: b.OffsetMinutes,
		RecordedAt: row.RecordedAt, Type: b.Type, TypeLabel: info.Label, Category: info.Category,
		CategoryLabel: info.CategoryLabel, Icon: info.Icon, Tone: info.Tone, Actor: viewActor(row),
		Object: b.Object, Site: b.Site, Source: b.Source, Result: b.Result, IP: b.IP, UserAgent: b.UserAgent,
		RequestID: b.RequestID, ExternalID: b.ExternalID, Changes: b.Changes, Parameters: b.Parameters,
	}
	if a.Changes == nil {
		a.Changes = []Change{}
	}
	if len(a.Parameters) == 0 {
		a.Parameters = json.RawMessage("{}")
	}
	a.Sentence = s.sentence(a, lang)
	return a
}

func viewActor(row Stored) Actor {
	a := Actor{Kind: row.Body.Actor.Kind, Source: row.Body.Actor.Source, Label: row.ActorLabel}
	if row.ActorID != 0 {
		a.ID = strconv.FormatInt(row.ActorID, 10)
	}
	if row.Body.Actor.Name != nil {
		a.Name = *row.Body.Actor.Name
	}
	if row.ActorUser != nil {
		a.User = new(strconv.FormatInt(*row.ActorUser, 10))
	}
	if a.Label == "" {
		a.Label = a.Name
	}
	return a
}

func (s *Service) sentence(a Activity, lang string) []Part {
	subject := catalog.Subject{Type: a.Type, Parameters: a.Parameters, Result: a.Result, Actor: a.Actor.Name}
	if a.Object != nil {
		subject.Object = &catalog.Object{Kind: a.Object.Kind, ID: a.Object.ID, Name: a.Object.Name}
	}
	if a.Site != nil {
		subject.Site = &catalog.Site{ID: a.Site.ID, Kind: a.Site.Kind, Name: a.Site.Name}
	}
	for _, c := range a.Changes {
		subject.ChangedFields = append(subject.ChangedFields, c.Field)
	}
	parts := s.catalog.Sentence(lang, subject)
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = Part(p)
	}
	return out
}

// Types returns the catalogue in the caller's language, and the types that only
// occur in the activity the caller may see.
func (s *Service) Types(ctx context.Context, _ TypesIn) (TypeList, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return TypeList{}, err
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

// Actors returns identities the caller may see. Errors: invalid (limit).
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
// for no role: everybody may learn whether the log is set up.
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
