// Package export writes out what a query shows, oldest first, a page at a time, so that
// a log of any size needs the same memory. Formats have a file each.
//
// An export holds what was recorded before it began. It is itself recorded: when it
// begins, and when it ends with how much was really written and the hash of the file.
package export

import (
	"context"
	"crypto/rand"
	"io"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
)

// Limits of tickets.
const (
	TicketLife = 60 * time.Second
	maxTickets = 1000
	maxOwn     = 20 // of one user, so that nobody keeps the others from exporting
)

// A Recorder stores activities; activity.Store is one.
type Recorder interface {
	Append(ctx context.Context, bodies []activity.Body) ([]activity.Appended, error)
}

// Options are what the service stands on.
type Options struct {
	Log   *activity.Service
	Store Recorder
	Jobs  *job.Registry
	Now   func() time.Time
	// Still returns a principal as it is now, or unauthenticated if its session is
	// over or its role another one.
	Still func(ctx context.Context, p access.Principal) (access.Principal, error)
	// Ledger tells the ledger's state.
	Ledger  func(ctx context.Context) activity.LedgerState
	Version string
	// Base makes SQLite files, in the folder Dir, which is made when needed.
	Base OpenBase
	Dir  string
}

// A Service hands out tickets and redeems them.
type Service struct {
	options Options

	mu       sync.Mutex
	tickets  map[string]ticket
	outcomes []*outcome // oldest first
}

// A ticket is an export that may be fetched once.
type ticket struct {
	in      In
	format  format
	columns []column // none: whole activities
	zone    *time.Location
	caller  access.Principal
	expires time.Time
	outcome *outcome
}

// New returns a service. It removes what a process before left in its folder.
func New(o Options) *Service {
	removeStale(o.Dir, o.Now())
	return &Service{options: o, tickets: map[string]ticket{}}
}

// Export returns tickets for what the query shows the caller: of the file, good once and
// for a minute, and of its manifest. They hold only as long as the caller's session and
// role stay.
// Errors: denied, invalid (query, zone, format, columns), unavailable (too many tickets).
func (s *Service) Export(ctx context.Context, in In) (Out, error) {
	p, err := access.Require(ctx, access.View)
	if err != nil {
		return Out{}, err
	}
	f, ok := formatOf(in.Format)
	if !ok {
		return Out{}, fault.At("format", "There is no format %.100q. Use %s.", in.Format, Formats())
	}
	columns, err := chosen(in.Columns, f.columns)
	if err != nil {
		return Out{}, err
	}
	// A page of one checks the query now rather than in the middle of a download.
	if _, _, err := s.options.Log.Rows(ctx, activity.ListIn{Query: in.Query, Zone: in.Zone, Order: "oldest", Limit: 1}); err != nil {
		return Out{}, err
	}
	t := ticket{in: in, format: f, columns: columns, zone: zoneOf(in, p), caller: p}
	return s.issue(t)
}

// issue keeps a ticket until it is redeemed or too old.
func (s *Service) issue(t ticket) (Out, error) {
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	own := 0
	for id, other := range s.tickets {
		if !now.Before(other.expires) {
			delete(s.tickets, id)
		} else if other.caller.UserID == t.caller.UserID {
			own++
		}
	}
	if own >= maxOwn || len(s.tickets) >= maxTickets {
		return Out{}, fault.New(fault.Unavailable, "Too many exports wait to be fetched. Try again in a minute.")
	}
	s.forget(now, t.caller.UserID)
	t.expires = now.Add(TicketLife)
	t.outcome = &outcome{
		id: rand.Text(), caller: t.caller, expires: t.expires, begun: make(chan struct{}), done: make(chan struct{}),
	}
	s.outcomes = append(s.outcomes, t.outcome)
	id := rand.Text()
	s.tickets[id] = t
	return Out{Ticket: id, Name: t.name(now), Manifest: t.outcome.id}, nil
}

// name is what the file is called, by the day it is made.
func (t ticket) name(now time.Time) string {
	return "activity-" + now.In(t.zone).Format(time.DateOnly) + "." + t.format.name
}

func zoneOf(in In, p access.Principal) *time.Location {
	for _, name := range []string{in.Zone, p.Zone} {
		if loc, err := time.LoadLocation(name); name != "" && err == nil {
			return loc
		}
	}
	return time.UTC
}

// A File is made while it is written.
type File struct {
	Name        string
	ContentType string
	// Write writes all of it and returns what it says of itself. If it returns an
	// error the file is not complete.
	Write func(ctx context.Context, w io.Writer) (Manifest, error)
}

// Redeem turns a ticket into its file. The ticket is used up, also if the file is
// never written, and the file ends early if the session or the role does. For a person
// writing it is a job, to be watched and cancelled like others. The ticket of a manifest
// waits until its file is complete.
// Errors: not_found (used, too old, or never given), unauthenticated (the session is
// over or the role another one), unavailable (a manifest's export was broken off).
func (s *Service) Redeem(ctx context.Context, id string) (File, error) {
	if o := s.outcomeOf(id); o != nil {
		return s.manifest(ctx, o)
	}
	t, err := s.take(ctx, id)
	if err != nil {
		return File{}, err
	}
	name := t.name(s.options.Now())
	return File{Name: name, ContentType: t.format.contentType, Write: func(ctx context.Context, w io.Writer) (Manifest, error) {
		return s.serve(ctx, t, name, w)
	}}, nil
}

func (s *Service) take(ctx context.Context, id string) (ticket, error) {
	s.mu.Lock()
	t, ok := s.tickets[id]
	delete(s.tickets, id)
	ok = ok && s.options.Now().Before(t.expires)
	if ok {
		t.outcome.expires = time.Time{}
		close(t.outcome.begun)
	}
	s.mu.Unlock()
	if !ok {
		return ticket{}, errTicket()
	}
	err := s.still(ctx, t.caller)
	if err != nil {
		s.end(t.outcome, nil)
	}
	return t, err
}

func errTicket() error {
	return fault.New(fault.NotFound, "This download was fetched already, or more than a minute has gone by. Export again.")
}

// still reports whether the caller is who they were when they got the ticket.
func (s *Service) still(ctx context.Context, caller access.Principal) error {
	now, err := s.options.Still(ctx, caller)
	if err != nil {
		return err
	}
	if now.UserID != caller.UserID || now.Owner != caller.Owner || now.Role != caller.Role {
		return fault.New(fault.Unauthenticated, "Your access has changed. Export again.")
	}
	return nil
}
