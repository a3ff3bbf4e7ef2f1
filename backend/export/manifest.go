package export

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
)

// manifestLife is how long a manifest waits to be fetched once its file is complete.
const manifestLife = 10 * time.Minute

// manifestName is what the manifest of a file is called.
func manifestName(file string) string { return file + ".manifest.json" }

// begin returns the manifest of a file that is about to be written.
func (s *Service) begin(ctx context.Context, t ticket, name string) Manifest {
	m := Manifest{
		File: name, Format: t.format.name, Query: t.in.Query, Zone: t.zone.String(),
		Language: s.options.Log.Language(ctx), Columns: namesOf(t.columns), By: byOf(t.caller), Scope: "own",
		Began: moment(s.options.Now().UnixMilli(), t.zone), Program: s.options.Version,
	}
	if t.caller.SeesAll() {
		m.Scope = "all"
	}
	return m
}

// ledger notes the ledger as it is once the export's beginning is recorded.
func (s *Service) ledger(ctx context.Context, t ticket, m *Manifest) {
	state := s.options.Ledger(ctx)
	m.Log.Origin = state.Origin
	if t.caller.SeesAll() {
		m.Log.Size, m.Log.Root = new(decimal(state.Size)), &state.Root
	}
}

func byOf(p access.Principal) By {
	a := account.Actor(p)
	by := By{Kind: a.Kind, Source: a.Source, User: a.User}
	if a.Name != nil {
		by.Name = *a.Name
	}
	return by
}

// saw notes that an activity is in the file.
func (m *Manifest) saw(a activity.Activity, zone *time.Location) {
	end := &End{ID: a.ID, OccurredAt: moment(a.OccurredAt, zone)}
	if m.First == nil {
		m.First = end
	}
	m.Last = end
	m.Count++
}

// encode is the manifest as a file.
func (m Manifest) encode() ([]byte, error) {
	data, err := json.MarshalIndent(m, "", "  ")
	return append(data, '\n'), err
}

// An outcome is what becomes of an export: once its file is complete, its manifest.
type outcome struct {
	id     string
	caller access.Principal
	begun  chan struct{} // closed when the file's ticket is redeemed
	done   chan struct{} // closed when the file is complete, or never will be

	// Guarded by the service's mutex until done is closed.
	manifest *Manifest // nil: the export was broken off
	expires  time.Time // zero while the file is written
	once     sync.Once
}

// end says how the export ended, at most once.
func (s *Service) end(o *outcome, m *Manifest) {
	o.once.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		o.manifest, o.expires = m, s.options.Now().Add(manifestLife)
		close(o.done)
	})
}

// forget drops outcomes that are too old, and of one user all but the newest. The mutex
// is held.
func (s *Service) forget(now time.Time, user int64) {
	own := 0
	for _, o := range slices.Backward(s.outcomes) {
		if o.caller.UserID == user && !o.expires.IsZero() {
			if own++; own > maxOwn {
				o.expires = now
			}
		}
	}
	s.outcomes = slices.DeleteFunc(s.outcomes, func(o *outcome) bool {
		return !o.expires.IsZero() && !now.Before(o.expires)
	})
}

// outcomeOf returns the outcome with that ticket, nil if there is none.
func (s *Service) outcomeOf(id string) *outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(s.options.Now(), 0)
	for _, o := range s.outcomes {
		if o.id == id {
			return o
		}
	}
	return nil
}

// manifest waits until the export has ended and returns its manifest as a file.
// Errors: not_found (the file was not fetched in time, or the manifest was), unavailable
// (the export was broken off), unauthenticated.
func (s *Service) manifest(ctx context.Context, o *outcome) (File, error) {
	waiting, stop := context.WithTimeout(ctx, TicketLife)
	defer stop()
	select {
	case <-o.begun:
	case <-waiting.Done():
		return File{}, errTicket()
	}
	select {
	case <-o.done:
	case <-ctx.Done():
		return File{}, fault.Wrap(ctx.Err(), fault.Unavailable, "The export has not ended yet. Ask again.")
	}
	if err := s.still(ctx, o.caller); err != nil {
		return File{}, err
	}
	s.mu.Lock()
	at := slices.Index(s.outcomes, o)
	if at >= 0 {
		s.outcomes = slices.Delete(s.outcomes, at, at+1)
	}
	s.mu.Unlock()
	if at < 0 {
		return File{}, errTicket()
	}
	if o.manifest == nil {
		return File{}, fault.New(fault.Unavailable, "The export was broken off before its end. Export again.")
	}
	m := *o.manifest
	return File{Name: manifestName(m.File), ContentType: "application/json", Write: func(_ context.Context, w io.Writer) (Manifest, error) {
		data, err := m.encode()
		if err == nil {
			_, err = w.Write(data)
		}
		return m, err
	}}, nil
}
