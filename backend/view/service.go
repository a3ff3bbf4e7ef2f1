// Package view keeps views: saved queries, with the columns, order and density in which
// their lists are shown. A view is its maker's own, or shared with everybody, which only
// super users do. What it shows is always in the reader's own scope: sharing a view
// shares the question, never an answer.
//
// # What is recorded
//
//	type               parameters                              changes (old → new)
//	SegmentCreated     view{id,name} definition enabledAllUsers  name query columns order density shared
//	SegmentUpdated     view{id,name} definition enabledAllUsers  those that changed, owner (ids of users)
//	SegmentDeleted     view{id,name}                             name query columns order density shared
//	LegalHoldSet       view{id,name} definition                  hold
//	LegalHoldLifted    view{id,name} definition                  hold
//	UserPreferenceSet  preference value                          pinned
//
// That somebody saw a view is a private mark and not recorded.
package view

import (
	"context"
	"slices"
	"strconv"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// Limits of views.
const (
	maxViews = 200  // of one person, and shared ones
	maxPins  = 20   // of one person: what is new in each is counted
	maxName  = 100  // characters
	maxQuery = 2000 // bytes
)

// A Record is a view as stored.
type Record struct {
	ID        int64
	User      int64 // its maker; 0: the local owner
	Name      string
	Key       string // the name in the form in which names are compared
	Query     string
	Columns   []string
	Order     string
	Density   string
	Shared    bool
	HoldZone  *string // under legal hold, with the zone in which its dates are read; nil: not
	Since     int64   // entries of the ledger when it was made
	Version   int64
	CreatedAt int64
	ChangedAt int64
}

// A Mark is what one user did with a view.
type Mark struct {
	Seen   int64 // entries of the ledger when they last saw it
	Pinned bool
}

// A Shelf reads views. Each method costs one read.
type Shelf interface {
	// Views lists a user's own views and all shared ones, by name.
	Views(ctx context.Context, user int64) ([]Record, error)
	ViewByID(ctx context.Context, id int64) (Record, bool, error)
	Marks(ctx context.Context, user int64) (map[int64]Mark, error) // by view
	UserByID(ctx context.Context, id int64) (account.Record, bool, error)
}

// A Tx is a transaction in which views change.
type Tx interface {
	account.Tx
	Shelf
	Size() int64 // entries of the ledger, those of the transaction too
	AddView(ctx context.Context, r Record) (int64, error)
	PutView(ctx context.Context, r Record) error // over the one with that id
	DropView(ctx context.Context, id int64) error
	// RuleOf returns the name of a rule of retention that is for the view, "" without one.
	RuleOf(ctx context.Context, id int64) (string, error)
	// KeepMeaning keeps what the names in the query of a view stand for now, for
	// [activity.Query.AsHeld]; without filters it forgets what was kept.
	KeepMeaning(ctx context.Context, view int64, filters []activity.Filter) error
	SetMark(ctx context.Context, user, view int64, m Mark) error
}

// A Store keeps views. Update stores all of change or nothing. The sqlite package
// implements it.
type Store interface {
	Shelf
	// Held lists the views under hold, and a mark, see [activity.Holds].
	Held(ctx context.Context) (views []Record, mark string, err error)
	Update(ctx context.Context, change func(Tx) error) error
}

// A Log is what views show.
type Log interface {
	CheckQuery(ctx context.Context, text string) error
	CountSince(ctx context.Context, in activity.CountIn, seq int64) (activity.Count, error)
	Fixed(query, zone string) (activity.Query, error)
}

// A Service keeps views.
type Service struct {
	store Store
	log   Log
	now   func() time.Time
}

// New returns a service.
func New(store Store, log Log, now func() time.Time) *Service {
	return &Service{store: store, log: log, now: now}
}

func failed(err error) error {
	return fault.Else(err, fault.Internal, "The views could not be read or changed. The program's log says why.")
}

// Views lists the caller's own views and the shared ones, by name. Cost: some reads, and
// for each pinned one a bounded look for what is new in it.
// Errors: unauthenticated, denied, invalid (zone), unavailable.
func (s *Service) Views(ctx context.Context, in ListIn) (List, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return List{}, err
	}
	records, err := s.store.Views(ctx, p.UserID)
	if err != nil {
		return List{}, failed(err)
	}
	marks, err := s.store.Marks(ctx, p.UserID)
	if err != nil {
		return List{}, failed(err)
	}
	list, makers := List{Views: []View{}}, map[int64]string{}
	for _, r := range records {
		shown, err := s.show(ctx, s.store, p, r, marks[r.ID], makers)
		if err != nil {
			return List{}, failed(err)
		}
		if err := s.count(ctx, &shown, in.Zone, max(r.Since, marks[r.ID].Seen)); err != nil {
			return List{}, err
		}
		list.Views = append(list.Views, shown)
	}
	return list, nil
}

// count says how many matches of a pinned view have a place from since on.
func (s *Service) count(ctx context.Context, v *View, zone string, since int64) error {
	if !v.Pinned || v.Fault != "" {
		return nil
	}
	n, err := s.log.CountSince(ctx, activity.CountIn{Query: v.Query, Zone: zone}, since)
	if err != nil {
		return err
	}
	v.New = &n
	return nil
}

// SeeView marks a view as seen up to the present end of the ledger, by the caller. For
// the command line, which has no marks, it does nothing.
// Errors: unauthenticated, denied, not_found.
func (s *Service) SeeView(ctx context.Context, in SeeIn) (Seen, error) {
	p, err := access.RequirePerson(ctx, access.View)
	if err != nil {
		return Seen{}, err
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		r, err := find(ctx, tx, p, in.ID)
		if err != nil || p.UserID == 0 {
			return err
		}
		marks, err := tx.Marks(ctx, p.UserID)
		if err != nil {
			return err
		}
		mark := marks[r.ID]
		if mark.Seen >= tx.Size() {
			return nil
		}
		mark.Seen = tx.Size()
		return tx.SetMark(ctx, p.UserID, r.ID, mark)
	})
	return Seen{}, failed(err)
}

// sees reports whether a caller has a view at all: nobody has somebody else's own.
func sees(p access.Principal, r Record) bool { return r.Shared || r.User == p.UserID }

// mayChange reports whether a caller changes a view they have: shared ones are all super
// users' to change.
func mayChange(p access.Principal, r Record) bool {
	if p.Token != nil {
		return false
	}
	return r.Shared && p.SeesAll() || !r.Shared && r.User == p.UserID
}

// find returns the view an input names; somebody else's own is as absent.
func find(ctx context.Context, v Shelf, p access.Principal, text string) (Record, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return Record{}, absent()
	}
	r, ok, err := v.ViewByID(ctx, id)
	if err != nil {
		return Record{}, err
	}
	if !ok || !sees(p, r) {
		return Record{}, absent()
	}
	return r, nil
}

func absent() error {
	return fault.New(fault.NotFound, "There is no such view, or it is not yours to see.")
}

// own returns the view an input names, if the caller may change it.
func own(ctx context.Context, v Shelf, p access.Principal, id string) (Record, error) {
	r, err := find(ctx, v, p, id)
	if err == nil && !mayChange(p, r) {
		err = fault.New(fault.Denied, "Only a super user may change a shared view. Save one of your own with the same query.")
	}
	return r, err
}

// showOne is show for a single view.
func (s *Service) showOne(ctx context.Context, v Shelf, p access.Principal, r Record) (View, error) {
	marks, err := v.Marks(ctx, p.UserID)
	if err != nil {
		return View{}, err
	}
	return s.show(ctx, v, p, r, marks[r.ID], map[int64]string{})
}

// show returns a view as the caller sees it. Makers keeps their names from one to the
// next.
func (s *Service) show(ctx context.Context, v Shelf, p access.Principal, r Record, mark Mark, makers map[int64]string) (View, error) {
	by, known := makers[r.User]
	if !known && r.User != 0 {
		maker, _, err := v.UserByID(ctx, r.User)
		if err != nil {
			return View{}, err
		}
		if by = maker.Name; by == "" {
			by = maker.Login
		}
		makers[r.User] = by
	}
	shown := View{
		ID: strconv.FormatInt(r.ID, 10), Name: r.Name, Query: r.Query, Columns: slices.Clone(r.Columns), Order: r.Order, Density: r.Density,
		Shared: r.Shared, Own: r.User == p.UserID, By: by, Editable: mayChange(p, r), Pinned: mark.Pinned, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
	}
	// Not to whom a hold may be about.
	if r.HoldZone != nil && p.SeesAll() {
		shown.Hold, shown.HoldZone = true, *r.HoldZone
	}
	if err := s.log.CheckQuery(ctx, r.Query); err != nil {
		shown.Fault = fault.Public(err).Message
	}
	return shown, nil
}
