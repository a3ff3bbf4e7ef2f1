// Package export writes out what a query shows: CSV, NDJSON or JSON, oldest first, a
// page at a time, so that a log of any size needs the same memory.
//
// An export holds what was recorded before it began. It is itself recorded: when it
// begins, and when it ends with how much was really written.
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
}

// A Service hands out tickets and redeems them.
type Service struct {
	options Options

	mu      sync.Mutex
	tickets map[string]ticket
}

// A ticket is an export that may be fetched once.
type ticket struct {
	in      In
	format  format
	columns []column // none: whole activities
	zone    *time.Location
	caller  access.Principal
	expires time.Time
}

// New returns a service.
func New(o Options) *Service { return &Service{options: o, tickets: map[string]ticket{}} }

// Export returns a ticket for what the query shows the caller. It is good once and
// for a minute, and only as long as the caller's session and role stay.
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
	now := s.options.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	own := 0
	for id, t := range s.tickets {
		if !now.Before(t.expires) {
			delete(s.tickets, id)
		} else if t.caller.UserID == p.UserID {
			own++
		}
	}
	if own >= maxOwn || len(s.tickets) >= maxTickets {
		return Out{}, fault.New(fault.Unavailable, "Too many exports wait to be fetched. Try again in a minute.")
	}
	id := rand.Text()
	t := ticket{in: in, format: f, columns: columns, zone: zoneOf(in, p), caller: p, expires: now.Add(TicketLife)}
	s.tickets[id] = t
	return Out{Ticket: id, Name: t.name(now)}, nil
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
	// Write writes all of it. If it returns an error the file is not complete.
	Write func(ctx context.Context, w io.Writer) error
}

// Redeem turns a ticket into its file. The ticket is used up, also if the file is
// never written, and the file ends early if the session or the role does.
// Errors: not_found (used, too old, or never given), unauthenticated (the session is
// over or the role another one).
func (s *Service) Redeem(ctx context.Context, id string) (File, error) {
	t, err := s.take(ctx, id)
	if err != nil {
		return File{}, err
	}
	return File{
		Name:        t.name(s.options.Now()),
		ContentType: t.format.contentType,
		Write:       func(ctx context.Context, w io.Writer) error { return s.stream(ctx, t, w, nil) },
	}, nil
}

func (s *Service) take(ctx context.Context, id string) (ticket, error) {
	s.mu.Lock()
	t, ok := s.tickets[id]
	delete(s.tickets, id)
	s.mu.Unlock()
	if !ok || !s.options.Now().Before(t.expires) {
		return ticket{}, fault.New(fault.NotFound, "This download was fetched already, or more than a minute has gone by. Export again.")
	}
	return t, s.still(ctx, t)
}

// still reports whether the caller is who they were when they got the ticket.
func (s *Service) still(ctx context.Context, t ticket) error {
	now, err := s.options.Still(ctx, t.caller)
	if err != nil {
		return err
	}
	if now.UserID != t.caller.UserID || now.Owner != t.caller.Owner || now.Role != t.caller.Role {
		return fault.New(fault.Unauthenticated, "Your access has changed. Export again.")
	}
	return nil
}
