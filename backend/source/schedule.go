package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"activitylog/backend/access"
	"activitylog/backend/account"
	"activitylog/backend/activity"
	"activitylog/backend/fault"
	"activitylog/backend/job"
	"activitylog/backend/remote"
)

// Limits of the servers that are followed.
const (
	minMinutes   = 5
	maxMinutes   = 1440
	maxSchedules = 100
)

// A followed is a server that is followed, as it is stored.
type followed struct {
	name string
	saved
	ran
	as []byte // what saved is stored as
}

// saved is what was set.
type saved struct {
	Address string `json:"address"`
	Minutes int    `json:"minutes"`
	Token   string `json:"token"` // name of the file that holds it
	User    int64  `json:"user"`  // id of who set it, 0 for the local owner
	By      string `json:"by"`    // its login at that time
	SavedAt int64  `json:"savedAt"`
}

// ran is how the last reading ended.
type ran struct {
	RanAt *int64 `json:"ranAt"`
	State string `json:"state"`
	New   int64  `json:"new"`
	Error string `json:"error"`
}

// openFollowed returns nil for nothing.
func openFollowed(name string, savedJSON, ranJSON []byte) (*followed, error) {
	if savedJSON == nil {
		return nil, nil
	}
	f := &followed{name: name, as: savedJSON}
	if err := errors.Join(json.Unmarshal(savedJSON, &f.saved), json.Unmarshal(ranJSON, &f.ran)); err != nil {
		return nil, fmt.Errorf("the schedule %q: %w", name, err)
	}
	return f, nil
}

func (f *followed) schedule() Schedule {
	return Schedule{
		Name: f.name, Address: f.Address, Minutes: f.Minutes, By: f.By, SavedAt: f.SavedAt,
		RanAt: f.RanAt, State: f.State, New: f.New, Error: f.Error,
	}
}

// allFollowed lists what is stored.
func (s *Service) allFollowed(ctx context.Context) ([]*followed, error) {
	var all []*followed
	err := s.store.Schedules(ctx, func(name string, saved, ran []byte) error {
		f, err := openFollowed(name, saved, ran)
		all = append(all, f)
		return err
	})
	return all, err
}

// Schedules lists the servers that are followed. Errors: denied.
func (s *Service) Schedules(ctx context.Context, _ SchedulesIn) (Schedules, error) {
	if _, err := access.Require(ctx, access.Super); err != nil {
		return Schedules{}, err
	}
	all, err := s.allFollowed(ctx)
	if err != nil {
		return Schedules{}, err
	}
	out := Schedules{Schedules: []Schedule{}}
	for _, f := range all {
		out.Schedules = append(out.Schedules, f.schedule())
	}
	return out, nil
}

// SaveSchedule has a server followed from now on, in place of the one of that name, and
// records that. The same again changes nothing, but for the token.
// Errors: denied, invalid (name, address, token, minutes), conflict (there are 100),
// unavailable (the file of the token).
func (s *Service) SaveSchedule(ctx context.Context, in SaveScheduleIn) (Schedule, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return Schedule{}, err
	}
	next, token, err := in.row(p)
	if err != nil {
		return Schedule{}, err
	}
	if token != "" {
		if next.Token, err = s.tokens.save(next.Address, token); err != nil {
			return Schedule{}, err
		}
	}
	now := s.options.Now()
	next.SavedAt = now.UnixMilli()
	replaced := ""
	err = s.store.ChangeSchedule(ctx, next.name, func(savedJSON, ranJSON []byte, n int) ([]byte, []byte, *activity.Body, error) {
		old, err := openFollowed(next.name, savedJSON, ranJSON)
		switch {
		case err != nil:
			return nil, nil, nil, err
		case old == nil && n >= maxSchedules:
			return nil, nil, nil, fault.New(fault.Conflict, "%d servers are followed already. Stop one that is no longer needed.", maxSchedules)
		case token == "" && (old == nil || old.Address != next.Address):
			return nil, nil, nil, fault.At("token", "Give the token too: none is kept for this name and address.")
		case token == "":
			next.Token = old.Token
		case old != nil:
			replaced = old.Token
		}
		if old != nil && old.Address == next.Address {
			next.ran = old.ran
		}
		said := account.Begin(p, now, "ImportScheduleSaved")
		said.Object = next.object()
		said.Parameters = encodeJSON(map[string]int{"minutes": next.Minutes})
		said.Changes = next.since(old, token != "")
		if len(said.Changes) == 0 {
			next = old
			return nil, nil, nil, nil
		}
		return encodeJSON(next.saved), encodeJSON(next.ran), &said, nil
	})
	if err != nil {
		return Schedule{}, errors.Join(err, s.unused(token, next.Token))
	}
	return next.schedule(), s.tokens.remove(replaced)
}

// unused removes a token's file that was made for nothing.
func (s *Service) unused(token, file string) error {
	if token == "" {
		return nil
	}
	return s.tokens.remove(file)
}

// row checks what is asked for.
func (in SaveScheduleIn) row(p access.Principal) (f *followed, token string, err error) {
	if in.Name == "" {
		in.Name = "main"
	}
	if _, err := sourceOf(Matomo, in.Name); err != nil {
		return nil, "", err
	}
	address, err := remote.Address(in.Address)
	if err != nil {
		return nil, "", err
	}
	if strings.TrimSpace(in.Token) != "" {
		if token, err = remote.Token(in.Token); err != nil {
			return nil, "", err
		}
	}
	if in.Minutes < minMinutes || in.Minutes > maxMinutes {
		return nil, "", fault.At("minutes", "A server is read every %d to %d minutes.", minMinutes, maxMinutes)
	}
	return &followed{name: in.Name, saved: saved{Address: address, Minutes: in.Minutes, User: p.UserID, By: p.Login}}, token, nil
}

func (f *followed) object() *activity.Object {
	return &activity.Object{Kind: "schedule", ID: f.name, Name: f.Address}
}

// since says what is new about a server. Of a token it says that there is another one.
func (f *followed) since(old *followed, token bool) []activity.Change {
	if old == nil {
		return []activity.Change{
			{Field: "address", Old: orNull(nil), New: quoted(f.Address)}, {Field: "minutes", Old: orNull(nil), New: encodeJSON(f.Minutes)},
		}
	}
	var changes []activity.Change
	if old.Address != f.Address {
		changes = append(changes, account.Changed("address", old.Address, f.Address))
	}
	if old.Minutes != f.Minutes {
		changes = append(changes, account.Changed("minutes", old.Minutes, f.Minutes))
	}
	if token {
		changes = append(changes, account.Changed("tokenSavedAt", old.SavedAt, f.SavedAt))
	}
	return changes
}

// RemoveSchedule ends that a server is followed, removes its token and records that.
// What came in stays. Errors: denied, not_found, unavailable (the file of the token).
func (s *Service) RemoveSchedule(ctx context.Context, in RemoveScheduleIn) (Schedule, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return Schedule{}, err
	}
	var removed *followed
	err = s.store.ChangeSchedule(ctx, in.Name, func(savedJSON, ranJSON []byte, _ int) ([]byte, []byte, *activity.Body, error) {
		old, err := openFollowed(in.Name, savedJSON, ranJSON)
		if err == nil && old == nil {
			err = notFollowed()
		}
		if err != nil {
			return nil, nil, nil, err
		}
		removed = old
		said := account.Begin(p, s.options.Now(), "ImportScheduleRemoved")
		said.Object = old.object()
		said.Changes = []activity.Change{
			{Field: "address", Old: quoted(old.Address), New: orNull(nil)}, {Field: "minutes", Old: encodeJSON(old.Minutes), New: orNull(nil)},
		}
		return nil, nil, &said, nil
	})
	if err != nil {
		return Schedule{}, err
	}
	return removed.schedule(), s.tokens.remove(removed.Token)
}

func notFollowed() error {
	return fault.New(fault.NotFound, "No Matomo server of that name is followed.").Blame("name")
}

// RunSchedule reads a followed server now, as an import of the caller's, and returns the
// job. Errors: denied, not_found (the server, its token), conflict (it is being read),
// unavailable.
func (s *Service) RunSchedule(ctx context.Context, in RunScheduleIn) (job.Job, error) {
	p, err := access.RequirePerson(ctx, access.Super)
	if err != nil {
		return job.Job{}, err
	}
	f, err := s.scheduled(ctx, in.Name)
	if err != nil {
		return job.Job{}, err
	}
	pl, err := s.scheduledPlan(f)
	if err != nil {
		return job.Job{}, err
	}
	l, err := s.takeLease(ctx, f.name)
	if err == nil && l == nil {
		err = fault.New(fault.Conflict, "%s is being read at the moment.", f.Address)
	}
	if err != nil {
		return job.Job{}, err
	}
	started, err := s.options.Jobs.Start(ctx, serverJob(pl), func(ctx context.Context, task *job.Task) error {
		return s.runScheduled(ctx, f, p, pl, l, task)
	})
	if err != nil {
		return job.Job{}, errors.Join(err, l.give(ctx))
	}
	return started, nil
}

func (s *Service) scheduled(ctx context.Context, name string) (*followed, error) {
	all, err := s.allFollowed(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(all, func(f *followed) bool { return f.name == name })
	if at < 0 {
		return nil, notFollowed()
	}
	return all[at], nil
}

// scheduledPlan is what an import of the server reads.
func (s *Service) scheduledPlan(f *followed) (plan, error) {
	token, err := s.tokens.read(f.Token, f.Address)
	if err != nil {
		return plan{}, err
	}
	return planServer(ImportIn{Name: f.name, Server: &Server{Address: f.Address, Token: token}})
}

func serverJob(pl plan) job.Plan {
	return job.Plan{Kind: job.KindImport, Title: pl.title(), Unit: job.UnitRows}
}
